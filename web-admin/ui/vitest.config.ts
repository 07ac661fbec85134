import react from '@vitejs/plugin-react'
import { defineConfig } from 'vitest/config'

// One run for the design system and both applications.
export default defineConfig({
  root: new URL('../..', import.meta.url).pathname,
  plugins: [react()],
  test: { environment: 'happy-dom', include: ['web-admin/**/*.test.{ts,tsx}', 'web-portal/**/*.test.{ts,tsx}'], setupFiles: ['web-admin/ui/src/testing/setup.ts'] },
})
