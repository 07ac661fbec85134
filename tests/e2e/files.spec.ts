// What leaves the screens as a file: all rows of a list, a bill on paper.
import { readFileSync } from 'node:fs'
import { expect, test, type Download } from '@playwright/test'
import { demoAccount, resident, signIn } from './support'

const bytes = async (download: Download): Promise<Buffer> => readFileSync((await download.path())!)

test('the whole list of accounts comes as a table, with the filters of the screen', async ({ page }) => {
  await signIn(page, 'operator.multi')
  await page.goto('/admin/accounts?debtors=true')
  await expect(page.getByRole('row').nth(1)).toBeVisible()
  const [csv] = await Promise.all([page.waitForEvent('download'), page.getByRole('button', { name: 'Скачать все строки: CSV' }).click()])
  const lines = (await bytes(csv)).toString('utf8').trim().split('\n')
  // More than one page of the screen, and only debtors.
  while (await page.getByRole('button', { name: 'Показать ещё' }).count()) {
    const before = await page.getByRole('row').count()
    await page.getByRole('button', { name: 'Показать ещё' }).click()
    await expect.poll(() => page.getByRole('row').count()).toBeGreaterThan(before)
  }
  expect(lines.length).toBe(await page.getByRole('row').count())
  const [xlsx] = await Promise.all([page.waitForEvent('download'), page.getByRole('button', { name: 'Скачать все строки: XLSX' }).click()])
  expect((await bytes(xlsx)).subarray(0, 2).toString()).toBe('PK')
})

test('a bill comes on paper, to the office and to the resident', async ({ page, browser, request }) => {
  const number = await demoAccount(request)
  await signIn(page, 'operator.multi')
  await page.goto(`/admin/accounts/${number}?tab=bills`)
  await page.getByRole('table').getByRole('link').first().click()
  const [paper] = await Promise.all([page.waitForEvent('download'), page.getByRole('button', { name: 'PDF' }).click()])
  expect((await bytes(paper)).subarray(0, 5).toString()).toBe('%PDF-')
  const phone = await (await browser.newContext({ viewport: { width: 390, height: 844 }, locale: 'ru-RU' })).newPage()
  await resident(phone, number)
  await phone.getByRole('link', { name: /Счёт за/ }).click()
  const [own] = await Promise.all([phone.waitForEvent('download'), phone.getByRole('button', { name: 'PDF' }).click()])
  expect((await bytes(own)).subarray(0, 5).toString()).toBe('%PDF-')
})
