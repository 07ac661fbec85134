import { existsSync } from 'node:fs'
import { defineConfig } from '@playwright/test'

// Runs against a started product: AISCRA_URL. The browser is the system's Chromium (CHROMIUM_PATH to use another).
const browser = process.env.CHROMIUM_PATH ?? '/usr/bin/chromium'
if (!existsSync(browser)) throw new Error(`No Chromium at ${browser}: install it, or set CHROMIUM_PATH`)

export default defineConfig({
  testDir: '.',
  snapshotPathTemplate: '{testDir}/pictures/{arg}{ext}',
  outputDir: '../../test-results',
  workers: 1,
  retries: 0,
  timeout: 120_000,
  expect: { timeout: 15_000 },
  reporter: [['list']],
  use: {
    baseURL: process.env.AISCRA_URL ?? 'http://127.0.0.1:8080',
    locale: 'ru-RU',
    timezoneId: 'Asia/Almaty',
    viewport: { width: 1366, height: 860 },
    actionTimeout: 15_000,
    screenshot: 'only-on-failure',
    trace: 'retain-on-failure',
    launchOptions: {
      executablePath: browser,
      args: [
        '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking',
        '--disable-component-update', '--disable-sync',
      ],
    },
  },
})
