export { default as Tooltip } from './Tooltip.vue'
