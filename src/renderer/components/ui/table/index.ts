export { default as Table } from './Table.vue'
export { default as TableCell } from './TableCell.vue'
export { default as TableHead } from './TableHead.vue'
export { default as TableRow } from './TableRow.vue'
