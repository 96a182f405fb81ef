// Draws packaging/icon.svg in the sizes and files that each system wants: none of them is kept, for they are made in a second.
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { Resvg } from '@resvg/resvg-js'

const root = join(import.meta.dirname, '..', '..')
const SOURCE = join(root, 'packaging', 'icon.svg')

/** Where electron-builder finds them, from the folder of the project. */
export const ICON_FOLDER = '.cache/icons'

/** A folder of pictures, which Linux wants. */
const PNG_SIZES = [16, 24, 32, 48, 64, 128, 256, 512]
const ICO_SIZES = [16, 24, 32, 48, 64, 128, 256]
/** Apple's names for a picture of that many pixels; some are the same one at twice the density. */
const ICNS_TYPES = [['ic11', 32], ['ic12', 64], ['ic07', 128], ['ic13', 256], ['ic08', 256], ['ic14', 512], ['ic09', 512], ['ic10', 1024]] as const

export type Draw = (size: number) => Buffer

export function drawing(svg: string): Draw {
  const drawn = new Map<number, Buffer>()
  return (size) => {
    const known = drawn.get(size) ?? new Resvg(svg, { fitTo: { mode: 'width', value: size }, font: { loadSystemFonts: false } }).render().asPng()
    drawn.set(size, known)
    return known
  }
}

/** Windows' file: a directory of PNG pictures; 256 is written as 0. */
export function toIco(draw: Draw): Buffer {
  const pictures = ICO_SIZES.map((size) => ({ size, png: draw(size) }))
  const header = Buffer.alloc(6 + 16 * pictures.length)
  header.writeUInt16LE(1, 2)
  header.writeUInt16LE(pictures.length, 4)
  let offset = header.length
  for (const [index, { size, png }] of pictures.entries()) {
    const at = 6 + 16 * index
    header.writeUInt8(size % 256, at)
    header.writeUInt8(size % 256, at + 1)
    // One plane, 32 bits a pixel.
    header.writeUInt16LE(1, at + 4)
    header.writeUInt16LE(32, at + 6)
    header.writeUInt32LE(png.length, at + 8)
    header.writeUInt32LE(offset, at + 12)
    offset += png.length
  }
  return Buffer.concat([header, ...pictures.map(({ png }) => png)])
}

/** Apple's file: pieces with a name and a length, themselves counted. */
export function toIcns(draw: Draw): Buffer {
  const pieces = ICNS_TYPES.map(([type, size]) => piece(type, draw(size)))
  return piece('icns', Buffer.concat(pieces))
}

function piece(type: string, content: Buffer): Buffer {
  const header = Buffer.alloc(8)
  header.write(type, 'latin1')
  header.writeUInt32BE(8 + content.length, 4)
  return Buffer.concat([header, content])
}

/** Into a folder that holds nothing else. */
export function writeIcons(folder: string): void {
  const draw = drawing(readFileSync(SOURCE, 'utf8'))
  rmSync(folder, { recursive: true, force: true })
  mkdirSync(join(folder, 'linux'), { recursive: true })
  for (const size of PNG_SIZES) writeFileSync(join(folder, 'linux', `${size}x${size}.png`), draw(size))
  writeFileSync(join(folder, 'icon.ico'), toIco(draw))
  writeFileSync(join(folder, 'icon.icns'), toIcns(draw))
}

if (import.meta.main) writeIcons(join(root, ICON_FOLDER))
