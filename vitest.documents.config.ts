import { defineConfig } from 'vitest/config'

/** Apart from the unit tests: it needs the environments that the tests in Python make. */
export default defineConfig({
  test: { include: ['scripts/docs/**/*.run.ts'], hookTimeout: 60_000 },
})
