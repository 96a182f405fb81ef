export { default as NativeSelect } from './NativeSelect.vue'
