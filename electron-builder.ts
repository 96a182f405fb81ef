import type { Configuration } from 'electron-builder'
import setFuses from './scripts/packaging/fuses.ts'
import { ICON_FOLDER } from './scripts/packaging/icons.ts'
import writeNotices, { NOTICES, NOTICES_FILE } from './scripts/packaging/notices.ts'
import { APPLICATION_ID, LINK_SCHEME } from './src/main/desktop/identity.ts'

/** Where packages of later versions will lie, if anywhere: it is written into the package, and one without it never updates itself. */
const feed = process.env.IRON_CAGE_UPDATE_FEED

/** Of a module with native parts only what runs on the system that it is packaged on; the rest is sources and other systems. */
const NATIVE = [
  '!**/node_modules/{better-sqlite3,keytar,node-pty}/{src,deps,script,scripts,third_party,typings}/**',
  '!**/node_modules/better-sqlite3/prebuilds/*',
  '**/node_modules/better-sqlite3/prebuilds/${platform}-${arch}.node',
  '!**/node_modules/{keytar,node-pty}/prebuilds/*/**',
  '**/node_modules/{keytar,node-pty}/prebuilds/${platform}-${arch}/**',
  '!**/node_modules/node-pty/build/**',
  '**/node_modules/node-pty/build/Release/*.node',
]

/** How packages of the desktop window are made; docs/packaging.md says it in words. Name, version and description stand in package.json. */
const configuration: Configuration = {
  appId: APPLICATION_ID,
  directories: { buildResources: 'packaging', output: 'dist' },
  artifactName: '${name}-${version}-${os}-${arch}.${ext}',
  files: [
    'out/**',
    'package.json',
    // Only the bundles' own chunks are loaded in a window; the terminal's command comes with npm.
    '!out/main/{cli,headless,keychainProcess}.js',
    ...NATIVE,
    '!**/node_modules/gpt-tokenizer/{cjs,data,src}/**',
    '!**/node_modules/**/*.map',
  ],
  asar: true,
  // What the system's own loader reads, and the thread that counts tokens with what it loads: neither can be counted upon to look into an archive.
  asarUnpack: [
    '**/*.node',
    '**/node_modules/{better-sqlite3,keytar,node-pty}/**',
    '**/node_modules/gpt-tokenizer/**',
    'out/main/tokenWorker.js',
    'package.json',
  ],
  // Python and people read these: they lie beside the archive (src/main/application.ts finds them there).
  extraResources: [
    { from: 'resources', to: '.', filter: ['**/*', '!python/tests/**', '!python/requirements/**', '!**/.*', '!**/__pycache__/**', '!**/*.pyc'] },
    { from: NOTICES_FILE, to: NOTICES },
  ],
  // Every native part has one binary for Node and Electron alike (Node-API).
  npmRebuild: false,
  beforePack: writeNotices,
  afterPack: setFuses,
  protocols: [{ name: 'Iron Cage links', schemes: [LINK_SCHEME], role: 'Viewer' }],
  publish: feed ? { provider: 'generic', url: feed } : null,
  linux: {
    target: ['AppImage', 'deb'],
    icon: `${ICON_FOLDER}/linux`,
    category: 'Development',
    syncDesktopName: true,
    // Offered beside what opens scripts already. As a file association it would redefine what such a file is.
    mimeTypes: ['text/x-python'],
  },
  // Left to itself its entry on the desktop says --no-sandbox. AppRun still adds that where a system gives no user namespaces.
  appImage: { executableArgs: [] },
  deb: { recommends: ['python3', 'libsecret-1-0'] },
  mac: {
    target: ['dmg'],
    icon: `${ICON_FOLDER}/icon.icns`,
    category: 'public.app-category.developer-tools',
    hardenedRuntime: true,
    darkModeSupport: true,
    fileAssociations: [{ ext: 'py', name: 'Python script', role: 'Viewer', rank: 'Alternate' }],
  },
  win: { target: ['nsis'], icon: `${ICON_FOLDER}/icon.ico` },
  // Scripts are offered to it by installer.nsh: a file association here would take them away from what opens them now.
  nsis: { oneClick: false, perMachine: false, allowToChangeInstallationDirectory: true, include: 'packaging/installer.nsh' },
}

export default configuration
