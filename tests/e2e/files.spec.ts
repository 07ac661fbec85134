// What leaves the screens as a file and what comes in as one: all rows of a list, a bill on paper, a workbook, a document.
import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { expect, test, type Download } from '@playwright/test'
import { accessible, call, demoAccount, resident, sample, signIn, staffToken } from './support'
import { wordsOf } from './words'

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

test('a workbook of Excel gets its verdict row by row, and the rejected rows go back as one', async ({ page }) => {
  const { t } = wordsOf('admin', 'ru')
  await signIn(page, 'chief')
  await page.goto('/admin/imports?kind=READINGS')
  await expect(page.getByText('XLSX', { exact: false }).first()).toBeVisible()
  await page.locator('input[type=file]').setInputFiles(sample('readings.xlsx'))
  await accessible(page)
  await page.getByRole('button', { name: t('imports.check') }).click()
  await expect(page.getByRole('heading', { level: 1, name: 'readings.xlsx' })).toBeVisible()
  await expect(page.getByText(t('enum.ImportState.CHECKED'))).toBeVisible()
  // The demo has none of the accounts of the sample; rows are numbered as in the sheet, whose header is the first.
  const rows = page.getByRole('row').filter({ hasText: t('enum.RowVerdict.REJECTED') })
  await expect(rows).toHaveCount(40)
  await expect(rows.first().getByRole('cell').first()).toHaveText('2')
  await expect(rows.first()).toContainText('9900001')
  await expect(rows.first()).toContainText('106.48')
  await accessible(page)

  const [book] = await Promise.all([page.waitForEvent('download'), page.getByRole('button', { name: `${t('imports.download')}: XLSX` }).click()])
  expect(book.suggestedFilename()).toBe('readings-rejected.xlsx')
  await page.goto('/admin/imports?kind=READINGS')
  await page.locator('input[type=file]').setInputFiles({ name: 'mended.xlsx', mimeType: '', buffer: await bytes(book) })
  await page.getByRole('button', { name: t('imports.check') }).click()
  await expect(page.getByRole('columnheader', { name: 'error_codes' })).toBeVisible()
  await expect(page.getByRole('row').filter({ hasText: t('enum.RowVerdict.REJECTED') })).toHaveCount(40)

  // What is no workbook is refused in words, on the spot.
  await page.goto('/admin/imports?kind=READINGS')
  await page.locator('input[type=file]').setInputFiles({ name: 'broken.xlsx', mimeType: '', buffer: Buffer.from('PK\x03\x04 and nothing more') })
  await page.getByRole('button', { name: t('imports.check') }).click()
  await expect(page.getByRole('alert')).toContainText('Книга Excel повреждена')
})

test('the file of a document is attached, shown with its hash, and comes back as it was', async ({ page, browser, request }) => {
  const { t } = wordsOf('admin', 'ru')
  const number = `Ф-${Date.now()}`
  const registered = await call<{ documentRegister: { document: { id: string } } }>(
    request, 'mutation Register($input: DocumentRegisterInput!) { documentRegister(input: $input) { document { id } errors { code } } }',
    { input: { kind: 'ACT', number, issuedOn: '2026-03-20', issuer: 'ЦРА', subject: 'Акт с файлом' } }, await staffToken(request, 'chief'),
  )
  expect(registered.data?.documentRegister.document, JSON.stringify(registered)).toBeTruthy()
  const paper = Buffer.concat([Buffer.from('%PDF-1.7\n'), Buffer.alloc(1_500_000, 7)])

  await signIn(page, 'chief')
  await page.goto(`/admin/documents?search=${encodeURIComponent(number)}`)
  const row = page.getByRole('row').filter({ hasText: number })
  await row.getByRole('button', { name: t('archive.attach') }).click()
  const dialog = page.getByRole('dialog')
  await dialog.locator('input[type=file]').setInputFiles({ name: 'акт.pdf', mimeType: 'application/pdf', buffer: Buffer.from('<html>') })
  await dialog.getByRole('button', { name: t('archive.attach') }).click()
  await expect(dialog.getByRole('alert')).toContainText('PDF, JPEG')
  await accessible(page)
  await dialog.locator('input[type=file]').setInputFiles({ name: 'акт.pdf', mimeType: 'application/pdf', buffer: paper })
  await dialog.getByRole('button', { name: t('archive.attach') }).click()
  await expect(row).toContainText(createHash('sha256').update(paper).digest('hex'))
  await accessible(page)
  const [came] = await Promise.all([page.waitForEvent('download'), row.getByRole('button', { name: 'акт.pdf' }).click()])
  expect(came.suggestedFilename()).toBe('акт.pdf')
  expect((await bytes(came)).equals(paper)).toBe(true)

  // Whoever reads the register sees the file; nobody may change it.
  const other = await (await browser.newContext({ locale: 'ru-RU' })).newPage()
  await signIn(other, 'auditor')
  await other.goto(`/admin/documents?search=${encodeURIComponent(number)}`)
  const seen = other.getByRole('row').filter({ hasText: number })
  await expect(seen.getByRole('button', { name: 'акт.pdf' })).toBeVisible()
  await expect(seen.getByRole('button', { name: t('archive.attach') })).toHaveCount(0)
})
