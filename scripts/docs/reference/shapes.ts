import { readdir } from 'node:fs/promises'
import { basename } from 'node:path'
import { z } from 'zod'
import type { Shapes } from './typeText.ts'

export const FOLDERS = ['domain', 'contract'] as const

/** The types that have a name in what crosses a process border, by that name. */
export async function readShapes(): Promise<Shapes> {
  const shapes = new Map<string, z.ZodType>()
  for (const folder of FOLDERS) {
    for (const file of await sourcesOf(folder)) {
      const exported = (await import(file)) as Record<string, unknown>
      for (const [name, value] of Object.entries(exported)) {
        if (!(value instanceof z.ZodType) || [...shapes.values()].includes(value)) continue
        // Two files may call different things alike; here the later one has its file's name as well.
        shapes.set(shapes.has(name) ? `${stemOf(file)}${name}` : name, value)
      }
    }
  }
  return shapes
}

export async function sourcesOf(folder: (typeof FOLDERS)[number]): Promise<string[]> {
  const base = new URL(`../../../src/shared/${folder}/`, import.meta.url)
  const names = (await readdir(base)).filter((name) => name.endsWith('.ts') && !name.endsWith('.spec.ts') && !name.startsWith('test'))
  return names.sort().map((name) => new URL(name, base).href)
}

function stemOf(file: string): string {
  const stem = basename(file, '.ts')
  return `${stem[0]?.toUpperCase()}${stem.slice(1)}`
}
