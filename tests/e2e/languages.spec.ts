import { expect, test } from '@playwright/test'

// Every language opens both doors: its own words, its own `lang`, nothing missing.
const staff = { kk: 'Қызметкерлер үшін кіру', ru: 'Вход для сотрудников', en: 'Staff sign-in' }
const resident = { kk: 'Кабинетке кіру', ru: 'Вход в кабинет', en: 'Sign in' }
const names = { kk: 'Қаз', ru: 'Рус', en: 'Eng' }

for (const language of ['kk', 'ru', 'en'] as const) {
  for (const [door, words] of [['admin', staff], ['portal', resident]] as const) {
    test(`${door} speaks ${language}`, async ({ page }) => {
      const broken: string[] = []
      page.on('console', (message) => message.type() === 'error' && broken.push(message.text()))
      page.on('pageerror', (error) => broken.push(error.message))
      await page.goto(`/${door}/`)
      await page.getByText(names[language], { exact: true }).click()
      await expect(page.getByRole('heading', { level: 1 })).toHaveText(words[language])
      await expect(page.locator('html')).toHaveAttribute('lang', language)
      await page.reload()
      await expect(page.getByRole('heading', { level: 1 })).toHaveText(words[language])
      expect(broken).toEqual([])
    })
  }
}
