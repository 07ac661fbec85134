// What one person asks for waits for another one: on the page it is about, and in the list of whoever decides. Declined, nothing is done.
import { expect, test } from '@playwright/test'
import { accessible, citesDocument, signIn } from './support'
import { wordsOf } from './words'

test('a moratorium waits for a second person, who declines it', async ({ page, browser, request }) => {
  const { t } = wordsOf('admin', 'ru')
  const reason = `Паводок ${Date.now()}`
  const row = new RegExp(reason)
  const dialog = page.getByRole('dialog')
  await signIn(page, 'accountant')
  await page.goto('/admin/debt/penalty')
  await page.getByRole('button', { name: t('debt.newMoratorium') }).click()
  await expect(dialog).toContainText(t('signatures.needed'))
  await dialog.getByRole('textbox', { name: t('debt.reason') }).fill(reason)
  await citesDocument(page, request)
  await dialog.getByRole('button', { name: t('debt.newMoratorium') }).click()
  const waiting = page.getByRole('region', { name: t('signatures.awaiting') }).first()
  // Whoever asked may give it up and no more.
  await expect(waiting.getByRole('row', { name: row }).getByRole('button')).toHaveText([t('signatures.withdraw')])
  await accessible(page)

  const other = await (await browser.newContext()).newPage()
  await signIn(other, 'chief')
  await other.getByRole('link', { name: /вашей подписи/ }).click()
  await expect(other.getByRole('heading', { level: 1, name: t('nav.signatures') })).toBeVisible()
  await accessible(other)
  await other.getByRole('row', { name: row }).getByRole('button', { name: t('signatures.decline') }).click()
  await other.getByRole('dialog').getByRole('button', { name: t('signatures.decline') }).click()
  await expect(other.getByRole('row', { name: row })).toHaveCount(0)
  await other.getByLabel(t('common.state')).selectOption('DECLINED')
  await expect(other.getByRole('row', { name: row })).toContainText(t('enum.SignatureState.DECLINED'))
  await other.context().close()

  await page.reload()
  await expect(page.getByRole('heading', { name: t('debt.moratoria') })).toBeVisible()
  await page.waitForLoadState('networkidle')
  await expect(page.getByText(reason)).toHaveCount(0)
})
