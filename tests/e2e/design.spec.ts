// The components look as they should: three languages, two themes, compared with pictures that were looked at.
// UPDATE: npm run e2e -- design.spec.ts --update-snapshots, then look at the pictures before committing them.
import { expect, test } from '@playwright/test'
import { accessible } from './support'

for (const language of ['kk', 'ru', 'en'] as const) {
  for (const scheme of ['light', 'dark'] as const) {
    test(`components in ${language}, ${scheme}`, async ({ page }) => {
      await page.setViewportSize({ width: 1000, height: 900 })
      await page.emulateMedia({ colorScheme: scheme, reducedMotion: 'reduce' })
      await page.addInitScript((chosen) => localStorage.setItem('aiscra.language', chosen), language)
      const broken: string[] = []
      page.on('console', (message) => message.type() === 'error' && broken.push(message.text()))
      await page.goto('/admin/design')
      await expect(page.locator('.chart svg')).toBeVisible()
      await expect(page.getByRole('status').filter({ has: page.locator('.mantine-Skeleton-root') })).toBeVisible()
      await page.evaluate(() => document.fonts.ready)
      await accessible(page)
      expect(broken).toEqual([])
      // Hinting differs a little between machines; a recoloured chip is a thousand points and more.
      await expect(page).toHaveScreenshot(`design-${language}-${scheme}.png`, { fullPage: true, animations: 'disabled', maxDiffPixels: 600, threshold: 0.05 })
    })
  }
}

test('a form keeps its input when somebody else was quicker, and shows what is there now', async ({ page }) => {
  await page.addInitScript(() => localStorage.setItem('aiscra.language', 'ru'))
  await page.goto('/admin/design')
  const form = page.getByRole('region', { name: 'Запись изменил другой' })
  await form.getByLabel('Имя').fill('Моё значение')
  await form.getByRole('button', { name: 'Обновить данные' }).click()
  await expect(form.getByText('Сейчас в системе: Новое значение')).toBeVisible()
  await expect(form.getByLabel('Имя')).toHaveValue('Моё значение')
})

test('a form stops at the field it cannot read, and asks before it sends', async ({ page }) => {
  await page.addInitScript(() => localStorage.setItem('aiscra.language', 'ru'))
  await page.goto('/admin/design')
  const form = page.getByRole('region', { name: 'Форма', exact: true })
  await form.getByLabel('Сумма').fill('двести')
  await form.getByRole('button', { name: 'Сохранить' }).click()
  await expect(form.getByText('Число, не больше 2 знаков после запятой')).toBeVisible()
  await expect(form.getByLabel('Сумма')).toBeFocused()
  await form.getByLabel('Сумма').fill('200,50')
  await form.getByLabel('Документ-основание').fill('Водосн')
  await form.getByRole('listbox').getByRole('option', { name: 'Водоснабжение' }).click()
  await form.getByRole('button', { name: 'Сохранить' }).click()
  await expect(form.getByText('Вот что произойдёт. Вернуть это нельзя.')).toBeVisible()
  await form.getByRole('button', { name: 'Вернуться' }).click()
  await expect(form.getByLabel('Сумма')).toHaveValue('200,50')
})

test('paper is white and without the menu, whatever the theme of the screen', async ({ page }) => {
  await page.emulateMedia({ colorScheme: 'dark' })
  await page.addInitScript(() => localStorage.setItem('aiscra.language', 'ru'))
  await page.goto('/admin/design')
  const html = page.locator('html')
  await expect(html).toHaveAttribute('data-mantine-color-scheme', 'dark')
  await page.emulateMedia({ media: 'print', colorScheme: 'dark' })
  await expect(html).toHaveAttribute('data-mantine-color-scheme', 'light')
  await expect(page.getByRole('button')).toHaveCount(0)
  await page.emulateMedia({ media: 'screen', colorScheme: 'dark' })
  await expect(html).toHaveAttribute('data-mantine-color-scheme', 'dark')
})
