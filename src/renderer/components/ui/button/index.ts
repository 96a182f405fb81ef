export { default as Button } from './Button.vue'
export { buttonVariants, type ButtonVariants } from './variants.ts'
