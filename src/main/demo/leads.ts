import { readFile } from 'node:fs/promises'

/** A line of leads.csv: invented people of invented companies. */
export interface Lead {
  readonly number: number
  readonly name: string
  readonly role: string
  readonly company: string
  readonly domain: string
  /** Filled in for old customers: nobody else has to be asked. */
  readonly industry: string
  readonly employees: string
}

export async function readLeads(file: string): Promise<Lead[]> {
  const [header = '', ...rows] = (await readFile(file, 'utf8')).trim().split(/\r?\n/)
  const names = cellsOf(header)
  return rows.map((row, index) => {
    const cells = cellsOf(row)
    const cell = (name: string): string => cells[names.indexOf(name)] ?? ''
    return { number: index + 1, name: cell('name'), role: cell('role'), company: cell('company'), domain: cell('domain'), industry: cell('industry'), employees: cell('employees') }
  })
}

/** RFC 4180, less line breaks within a cell. */
function cellsOf(row: string): string[] {
  return [...row.matchAll(/(?:^|,)(?:"((?:[^"]|"")*)"|([^,]*))/g)].map(([, quoted, plain]) => quoted?.replaceAll('""', '"') ?? plain ?? '')
}
