import { join } from 'node:path'
import { flipFuses, FuseState, FuseV1Options, FuseVersion, getCurrentFuseWire, type FuseV1Config } from '@electron/fuses'

/**
 * What a packaged room is: a control room, and no Node that somebody else's program can borrow together with our name, our signature and our keychain entry.
 * Each fuse stands here with its reason; a fuse that a later Electron adds stops the packaging until it stands here too.
 */
const FUSES = {
  // ELECTRON_RUN_AS_NODE would make a plain Node of it.
  [FuseV1Options.RunAsNode]: false,
  // Chromium's cookie store lies in the data folder; we keep no cookie there, and should one come it is sealed.
  [FuseV1Options.EnableCookieEncryption]: true,
  // NODE_OPTIONS could load anybody's module before ours.
  [FuseV1Options.EnableNodeOptionsEnvironmentVariable]: false,
  // --inspect would hand the room with its open secrets to whoever connects.
  [FuseV1Options.EnableNodeCliInspectArguments]: false,
  // What runs is what was packaged (macOS and Windows; elsewhere Electron ignores it).
  [FuseV1Options.EnableEmbeddedAsarIntegrityValidation]: true,
  // No folder "app" beside the archive is loaded in its place.
  [FuseV1Options.OnlyLoadAppFromAsar]: true,
  // We ship no snapshot of our own.
  [FuseV1Options.LoadBrowserProcessSpecificV8Snapshot]: false,
  // The page is served by our own scheme; file: needs no more rights than in a browser.
  [FuseV1Options.GrantFileProtocolExtraPrivileges]: false,
  // Electron's own default: without them WebAssembly checks each access by itself.
  [FuseV1Options.WasmTrapHandlers]: true,
} as const satisfies Record<FuseV1Options, boolean>

const NAMES = Object.keys(FUSES).map(Number) as FuseV1Options[]

/** What electron-builder hands over once the files of one target lie in place and nothing is signed yet. */
export interface PackedApplication {
  readonly appOutDir: string
  readonly electronPlatformName: string
  readonly packager: { readonly appInfo: { readonly productFilename: string }; readonly executableName?: string }
}

/** The program whose fuses count: of macOS the bundle, whose framework the library finds itself. */
export function programOf({ appOutDir, electronPlatformName, packager }: PackedApplication): string {
  const { productFilename } = packager.appInfo
  if (electronPlatformName === 'darwin' || electronPlatformName === 'mas') return join(appOutDir, `${productFilename}.app`)
  if (electronPlatformName === 'win32') return join(appOutDir, `${productFilename}.exe`)
  return join(appOutDir, packager.executableName ?? productFilename)
}

/** For electron-builder's `afterPack`: sets every fuse, and reads them back. */
export default async function setFuses(packed: PackedApplication): Promise<void> {
  const program = programOf(packed)
  const config: FuseV1Config = {
    version: FuseVersion.V1,
    strictlyRequireAllFuses: true,
    // Changed bytes void the signature that Electron comes with; Apple's processors start nothing unsigned.
    resetAdHocDarwinSignature: packed.electronPlatformName === 'darwin' && process.platform === 'darwin',
    ...FUSES,
  }
  await flipFuses(program, config)
  await requireFuses(program)
}

/** Throws unless every fuse of this program stands as it should. */
export async function requireFuses(program: string): Promise<void> {
  const wire = await getCurrentFuseWire(program)
  const wrong = NAMES.filter((fuse) => wire[fuse] !== (FUSES[fuse] ? FuseState.ENABLE : FuseState.DISABLE))
  if (wrong.length === 0) return
  throw new Error(`${program}: these fuses do not stand as they should: ${wrong.map((fuse) => FuseV1Options[fuse]).join(', ')}.`)
}
