import type { Migration } from './migration.ts'

export const launchChoices: Migration = {
  version: 9,
  name: 'launch choices',
  up(database) {
    // JSON; null where nothing was chosen.
    database.exec('ALTER TABLE recent_scripts ADD COLUMN choices TEXT')
  },
}
