export { default as Dialog } from './Dialog.vue'
export { default as DialogContent } from './DialogContent.vue'
