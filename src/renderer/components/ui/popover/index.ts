export { default as Popover } from './Popover.vue'
export { default as PopoverContent } from './PopoverContent.vue'
export { PopoverTrigger } from 'reka-ui'
