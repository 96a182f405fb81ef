import { resolve } from 'node:path'
import vue from '@vitejs/plugin-vue'
import { defineConfig } from 'vitest/config'

export default defineConfig({
  plugins: [vue()],
  resolve: { alias: { '@': resolve(import.meta.dirname, 'src/renderer') } },
  test: {
    include: ['src/**/*.spec.ts', 'scripts/**/*.spec.ts', 'soak/**/*.spec.ts'],
    // Real processes and real databases on two shared cores.
    testTimeout: 30_000,
    hookTimeout: 30_000,
    restoreMocks: true,
  },
})
