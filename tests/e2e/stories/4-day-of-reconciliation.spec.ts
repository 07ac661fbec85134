// A day of the accountant of payments: the chief sets a channel's terms, its registry comes, what we miss is recorded under the
// agent's numbers, money of nobody gets an owner and an account, the bank's statement closes the day.
import { expect, test, type Page } from '@playwright/test'
import { accessible, call, seen, signIn, staffToken } from '../support'
import { languages, wordsOf } from '../words'

test.describe.configure({ mode: 'serial' })

const { t, like } = wordsOf('admin', 'ru')
const date = '2026-03-25'
let numbers: string[] = []

/** A registry in our published format. */
const registry = () => {
  const rows = [['800100', numbers[0], '3410.20', '27.28'], ['800101', numbers[1], '2100.00', '16.80'], ['800102', '77777777', '1310.20', '10.48']]
  const lines = rows.map(([number, account, sum, fee]) => `${number};${date}T10:15:00;${account};${sum};${fee};`)
  return ['number;moment;account;amount;commission;service', ...lines, 'TOTAL;3;6820.40', ''].join('\n')
}

/** The bank's day after: what the agent hands on, less what he keeps. */
const statement = [
  '1CClientBankExchange', 'ВерсияФормата=2.00', 'Кодировка=UTF-8', 'ДатаНачала=26.03.2026', 'ДатаКонца=26.03.2026', 'РасчСчет=KZ869261802102000077',
  'СекцияРасчСчет', 'ДатаНачала=26.03.2026', 'ДатаКонца=26.03.2026', 'РасчСчет=KZ869261802102000077', 'НачальныйОстаток=1000', 'ВсегоПоступило=6765.84',
  'ВсегоСписано=0', 'КонечныйОстаток=7765.84', 'КонецРасчСчет', 'СекцияДокумент=Выписка', 'ДатаОперации=26.03.2026', 'СуммаПриход=6765.84',
  'НомерДокумента=95022', 'ДатаДокумента=26.03.2026', 'ПлательщикНаименование=АО Агент', 'НазначениеПлатежа=Перечисление платежей', 'КодНазначенияПлатежа=190',
  'Сумма=6765.84', 'Валюта=KZT', 'КонецДокумента', 'КонецФайла', '',
].join('\r\n')

const open = async (page: Page, name: string) => {
  await page.getByRole('navigation', { name: t('app.menu') }).getByRole('link', { name: t('nav.reconciliation') }).click()
  await page.getByRole('navigation', { name: t('nav.reconciliation') }).getByRole('link', { name }).click()
  await expect(page.getByRole('heading', { level: 1, name })).toBeVisible()
}

/** Ticks rows by their numbers and decides on them. */
async function decide(page: Page, rows: readonly string[], decision: string): Promise<void> {
  for (const number of rows) await page.getByLabel(t('recon.choose', { number }), { exact: true }).check()
  await page.getByRole('button', { name: t('recon.decideOn', { count: rows.length }) }).click()
  const dialog = page.getByRole('dialog')
  await dialog.getByLabel(t('recon.decision')).selectOption(decision)
  await dialog.getByRole('button', { name: t('recon.decide'), exact: true }).click()
  await expect(dialog).toBeHidden()
}

test('the chief sets the terms of a channel', async ({ page, request }) => {
  const found = await call<{ accounts: { nodes: { number: string }[] } }>(
    request, 'query A { accounts(sector: MULTI, debtorsOnly: true, first: 3) { nodes { number } } }', {}, await staffToken(request, 'chief'),
  )
  numbers = found.data!.accounts.nodes.map((one) => one.number)
  await signIn(page, 'chief')
  await open(page, t('recon.terms'))
  await page.getByRole('button', { name: t('recon.addTerms') }).click()
  const dialog = page.getByRole('dialog')
  await dialog.getByLabel(t('payments.channel')).selectOption({ label: 'kaspi' })
  await dialog.getByLabel(t('recon.since')).fill(date)
  await dialog.getByLabel(t('recon.alarmTo')).fill('duty@example.kz')
  await seen(page, 'reconcile-1-terms', false)
  await dialog.getByRole('button', { name: t('common.save') }).click()
  await expect(page.getByText(t('recon.termsSet'))).toBeVisible()
})

test('the registry comes; what we miss is recorded, money of nobody is put apart', async ({ page }) => {
  await signIn(page, 'treasurer')
  await open(page, t('recon.days'))
  await seen(page, 'reconcile-2-board')
  await accessible(page)
  await page.getByRole('button', { name: t('recon.bringRegistry') }).click()
  await page.getByRole('dialog').getByLabel(t('payments.channel')).selectOption({ label: 'kaspi' })
  const file = { name: 'KASPI_20260325_1.csv', mimeType: 'text/csv', buffer: Buffer.from(registry()) }
  await page.locator('input[type=file]').setInputFiles({ ...file, buffer: Buffer.from(registry().replace('6820.40', '6820.41')) })
  await page.getByRole('dialog').getByRole('button', { name: t('recon.bring') }).click()
  await expect(page.getByRole('dialog').getByRole('alert')).toBeVisible()
  await page.locator('input[type=file]').setInputFiles(file)
  await page.getByRole('dialog').getByRole('button', { name: t('recon.bring') }).click()
  await expect(page.getByRole('heading', { level: 1, name: /kaspi/ })).toBeVisible()
  await expect(page.getByText(t('enum.DayState.DIFFERS'), { exact: true })).toBeVisible()
  await expect(page.getByRole('cell', { name: /800102/ }).last()).toBeVisible()
  await seen(page, 'reconcile-3-day')
  await accessible(page)
  await decide(page, ['800100', '800101'], 'POSTED')
  await decide(page, ['800102'], 'SUSPENDED')
  await expect(page.getByText(t('enum.DayState.AGREED'), { exact: true })).toBeVisible()
  await expect(page.getByText(t('recon.agrees'), { exact: true })).toBeVisible()
  await seen(page, 'reconcile-4-agreed')
})

test('money of nobody gets an owner and an account', async ({ page }) => {
  await signIn(page, 'treasurer')
  await open(page, t('recon.suspense'))
  const row = page.getByRole('row').filter({ hasText: '77777777' })
  await expect(row).toBeVisible()
  await seen(page, 'reconcile-5-suspense')
  await accessible(page)
  await row.getByRole('checkbox').check()
  await page.getByRole('button', { name: t('recon.assignOn', { count: 1 }) }).click()
  await page.getByRole('dialog').getByRole('button', { name: t('recon.assign') }).click()
  await expect(page.getByText(t('recon.assigned'))).toBeVisible()
  await row.getByRole('button', { name: t('recon.post'), exact: true }).click()
  const dialog = page.getByRole('dialog')
  await dialog.getByLabel(t('recon.account')).fill(numbers[2]!)
  await page.getByRole('option', { name: new RegExp(numbers[2]!) }).click()
  await dialog.getByLabel(t('recon.target')).selectOption('WATER')
  await dialog.getByRole('button', { name: t('recon.post'), exact: true }).click()
  await expect(dialog.getByText(like('recon.postCheck'))).toBeVisible()
  await seen(page, 'reconcile-6-credit', false)
  await dialog.getByRole('button', { name: t('recon.post'), exact: true }).click()
  await expect(page.getByText(t('recon.posted'))).toBeVisible()
  await expect(row).toBeHidden()
})

test('the bank closes the day', async ({ page }) => {
  await signIn(page, 'treasurer')
  await open(page, t('recon.statements'))
  await page.getByRole('button', { name: t('recon.bringStatement') }).click()
  await page.locator('input[type=file]').setInputFiles({ name: 'bank.txt', mimeType: 'text/plain', buffer: Buffer.from(statement) })
  await page.getByRole('dialog').getByRole('button', { name: t('recon.bring') }).click()
  await expect(page.getByRole('heading', { level: 1, name: /26 марта/ })).toBeVisible()
  const line = page.getByRole('row').filter({ hasText: 'АО Агент' })
  await line.getByRole('button', { name: t('recon.mean') }).click()
  const dialog = page.getByRole('dialog')
  await dialog.getByLabel(t('recon.meaning')).selectOption('REMITTANCE')
  await dialog.getByLabel(t('payments.channel')).selectOption({ label: 'kaspi' })
  await dialog.getByLabel(t('recon.day')).fill(date)
  await dialog.getByRole('button', { name: t('common.save') }).click()
  await expect(line.getByText(t('enum.LineState.REMITTANCE'))).toBeVisible()
  await decide(page, ['1'], 'POSTED')
  await seen(page, 'reconcile-7-statement')
  await accessible(page)
  await open(page, t('recon.days'))
  await expect(page.getByRole('row').filter({ hasText: '25.03.2026' }).getByText(t('enum.DayState.SETTLED'))).toBeVisible()
  await seen(page, 'reconcile-8-settled')
})

for (const language of languages) {
  test(`the screens are whole in ${language}`, async ({ page }) => {
    const words = wordsOf('admin', language)
    await signIn(page, 'treasurer', language)
    for (const [path, title] of [['', 'recon.days'], ['/suspense', 'recon.suspense'], ['/statements', 'recon.statements'], ['/refunds', 'recon.refunds'], ['/terms', 'recon.terms']] as const) {
      await page.goto(`/admin/reconciliation${path}`)
      await expect(page.getByRole('heading', { level: 1, name: words.t(title) })).toBeVisible()
      await seen(page, `reconcile-9${path.replace('/', '-')}-${language}`)
    }
  })
}
