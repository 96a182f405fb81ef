/** What is started by itself: hosts, the command line, a process of its own, the bridge, the page. */
const ENTRIES = '^src/(main/(index|headless|cli/main|secrets/keychainProcess)|preload/index|renderer/main)\\.ts$'

/** Imports go one way. Each rule says why it stands. */
module.exports = {
  forbidden: [
    {
      name: 'electron-in-its-rooms-only',
      comment: 'Everything else runs under plain Node: the command line, the tests and the browser host.',
      severity: 'error',
      from: { path: '^src', pathNot: ['^src/main/desktop/', '^src/main/index\\.ts$', '^src/preload/'] },
      to: { path: ['^electron$', 'node_modules/electron/'] },
    },
    {
      name: 'shared-stands-alone',
      comment: 'What crosses a process border depends on nothing but zod.',
      severity: 'error',
      from: { path: '^src/shared/', pathNot: '\\.spec\\.ts$' },
      to: { pathNot: ['^src/shared/', 'node_modules/zod'] },
    },
    {
      name: 'renderer-knows-no-main',
      comment: 'The renderer talks over a wire; it cannot tell which host it lives in. Of the bridge it knows the type.',
      severity: 'error',
      from: { path: '^src/renderer/' },
      to: { path: '^src/(main|preload)/', pathNot: '^src/preload/bridge\\.ts$' },
    },
    {
      name: 'renderer-ships-no-schema',
      comment: 'zod in the page costs weight and probes new Function against the content security policy.',
      severity: 'error',
      from: { path: '^src/renderer/', pathNot: '\\.spec\\.ts$' },
      to: { path: 'node_modules/zod', dependencyTypesNot: ['type-only'] },
    },
    {
      name: 'sql-in-state-only',
      comment: 'Everybody else asks a repository.',
      severity: 'error',
      from: { path: '^src/', pathNot: '^src/main/state/' },
      to: { path: 'node_modules/(better-sqlite3|pg|@redis/client)/' },
    },
    {
      name: 'no-circles',
      comment: 'A circle has no first room to read.',
      severity: 'error',
      from: {},
      to: { circular: true, viaOnly: { dependencyTypesNot: ['type-only'] } },
    },
    {
      name: 'main-knows-no-renderer',
      comment: 'Data goes down and out; the room serves the page as files.',
      severity: 'error',
      from: { path: '^src/main/' },
      to: { path: '^src/(renderer|preload)/' },
    },
    {
      name: 'policies-answer-only',
      comment: 'Budget, safety and reliability decide; the gateway acts on it. Of the gateway they know types, and they read and send nothing themselves.',
      severity: 'error',
      from: { path: '^src/main/(budget|safety|audit|reliability)/', pathNot: ['(\\.spec|/test[A-Z]\\w*)\\.ts$', '^src/main/safety/corpus/'] },
      to: { path: ['^src/main/gateway/(?!placeholderKey\\.ts)', '^(node:)?(fs|net|http|https|http2|tls|dgram|dns|child_process|worker_threads)(/|$)', 'node_modules/undici'], dependencyTypesNot: ['type-only'] },
    },
    {
      name: 'rooms-know-no-doors',
      comment: 'Supervisor, gateway, state and policies never import a door or a host.',
      severity: 'error',
      from: { path: '^src/main/(agents|alerts|audit|budget|gateway|metrics|reliability|safety|secrets|state|telemetry|tracing|configuration|router|tokens)/' },
      to: { path: '^src/main/(api|desktop|cli)/' },
    },
    {
      name: 'nothing-dead',
      comment: 'What is reached by no entry, or by specs alone, is read and kept up for nobody.',
      severity: 'error',
      from: { path: ENTRIES },
      to: { path: '^src/', pathNot: [ENTRIES, '(\\.spec|/test[A-Z]\\w*|\\.d)\\.ts$', '^src/main/safety/(corpus|injection/samples)/', '^src/main/gateway/clients/agents/'], reachable: false },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    tsPreCompilationDeps: true,
    // The one that knows the renderer's `@/`.
    tsConfig: { fileName: 'tsconfig.web.json' },
    enhancedResolveOptions: { extensions: ['.ts', '.vue', '.js', '.mjs', '.cjs', '.json'] },
  },
}
