export { default as AlertDialog } from './AlertDialog.vue'
