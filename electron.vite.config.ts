import { resolve } from 'node:path'
import tailwindcss from '@tailwindcss/vite'
import vue from '@vitejs/plugin-vue'
import { defineConfig } from 'electron-vite'
import { bundledNotices } from './scripts/packaging/notices.ts'

const at = (path: string): string => resolve(import.meta.dirname, path)

/** One build, three hosts: the desktop window (index), the browser host (headless) and the terminal (cli). */
export default defineConfig({
  main: {
    plugins: [bundledNotices(import.meta.dirname)],
    build: {
      target: 'node24',
      rollupOptions: {
        input: {
          index: at('src/main/index.ts'),
          headless: at('src/main/headless.ts'),
          cli: at('src/main/cli/main.ts'),
          // A thread starts from a file of its own, and so does a process: src/main/ownProgram.ts finds them.
          tokenWorker: at('src/main/tokens/tokenWorker.ts'),
          keychainProcess: at('src/main/secrets/keychainProcess.ts'),
        },
        output: { format: 'es', entryFileNames: '[name].js', chunkFileNames: 'chunks/[name]-[hash].js' },
      },
    },
  },
  preload: {
    build: {
      rollupOptions: {
        input: { index: at('src/preload/index.ts') },
        // A sandboxed preload must be CommonJS; under "type": "module" that takes the .cjs ending.
        output: { format: 'cjs', entryFileNames: '[name].cjs' },
      },
    },
  },
  renderer: {
    root: at('src/renderer'),
    plugins: [vue(), tailwindcss(), bundledNotices(import.meta.dirname)],
    resolve: { alias: { '@': at('src/renderer') } },
    build: {
      outDir: at('out/renderer'),
      minify: true,
      rollupOptions: { input: { index: at('src/renderer/index.html') } },
      // The content security policy allows no data: fonts or scripts.
      assetsInlineLimit: 0,
    },
  },
})
