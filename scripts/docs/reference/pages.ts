import { apiPage } from './apiPage.ts'
import { commandsPage } from './commandsPage.ts'
import { eventsPage } from './eventsPage.ts'
import { settingsPage } from './settingsPage.ts'
import { readRemarks } from './remarks.ts'
import { FOLDERS, readShapes, sourcesOf } from './shapes.ts'

export interface ReferencePage {
  /** From the root of the project. */
  readonly path: string
  readonly text: string
}

/** What is derived from the sources, as it has to stand in the documents. */
export async function referencePages(): Promise<ReferencePage[]> {
  const shapes = await readShapes()
  const remarks = readRemarks((await Promise.all(FOLDERS.map(sourcesOf))).flat())
  const pages = { api: apiPage(shapes, remarks), configuration: settingsPage(), commands: commandsPage(), events: eventsPage(shapes) }
  return Object.entries(pages).map(([name, text]) => ({ path: `docs/reference/${name}.md`, text: `${text.trimEnd()}\n` }))
}
