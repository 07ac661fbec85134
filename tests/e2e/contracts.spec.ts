// Papers that decide money, kept on the account's page: a contract ends and the next one is signed, its annex sets a limit that is seen
// on the picture of the year; a payment is taken back once it was seen what would be owed again. A program gets its token.
import { expect, test, type APIRequestContext, type Page } from '@playwright/test'
import { accessible, call, demoAccount, signIn, staffToken, tiyn } from './support'

const dialog = (page: Page) => page.getByRole('dialog')
const said = (page: Page, words: string | RegExp) => expect(page.getByRole('status').filter({ hasText: words }).first()).toBeVisible()
const part = (page: Page, name: string) => page.getByRole('region', { name, exact: true }).first()

async function paper(request: APIRequestContext, subject: string): Promise<string> {
  const number = `Д-${Date.now()}`
  await call(
    request, 'mutation P($input: DocumentRegisterInput!) { documentRegister(input: $input) { document { id } errors { code } } }',
    { input: { kind: 'CONTRACT', number, issuedOn: '2026-03-20', issuer: 'ЦРА', subject } }, await staffToken(request, 'chief'),
  )
  return number
}
async function pick(page: Page, number: string): Promise<void> {
  await dialog(page).getByRole('combobox', { name: 'Документ-основание' }).fill(number)
  await dialog(page).getByRole('listbox').getByRole('option').filter({ hasText: number }).click()
}

/** A legal entity of the demo whose contract is in force without an end. */
async function legalEntity(request: APIRequestContext): Promise<string> {
  const found = await call<{ contracts: { nodes: { to: string | null; from: string; account: { number: string; sector: string; status: string } }[] } }>(
    request, 'query L { contracts(first: 100) { nodes { from to account { number sector status } } } }', {}, await staffToken(request, 'operator.legal'),
  )
  const one = found.data!.contracts.nodes.find(({ to, from, account }) => account.sector === 'LEGAL' && account.status === 'ACTIVE' && to === null && from < '2026-03-01')
  return one!.account.number
}

test('a contract is signed, its annex sets a limit, and the picture of the year shows it', async ({ page, request }) => {
  const [number, annex] = [await legalEntity(request), await paper(request, 'Приложение № 2')]
  await signIn(page, 'operator.legal')
  await page.goto(`/admin/accounts/${number}`)
  const contracts = part(page, 'Договоры')

  // The one of now ends in the month that is open.
  await contracts.getByRole('row', { name: /Действует/ }).getByRole('button', { name: 'Расторгнуть' }).click()
  await accessible(page)
  await expect(dialog(page).getByLabel('Последний день договора')).toBeFocused()
  await dialog(page).getByLabel('Последний день договора').fill('2026-03-15')
  await dialog(page).getByRole('button', { name: 'Расторгнуть' }).click()
  await expect(dialog(page).getByText('Выберите из списка')).toBeVisible()
  await pick(page, annex)
  await dialog(page).getByRole('button', { name: 'Расторгнуть' }).click()
  await expect(dialog(page).getByText(/закончится 15 марта 2026/)).toBeVisible()
  await dialog(page).getByRole('button', { name: 'Расторгнуть' }).click()
  await said(page, /расторгнут/)

  // Another one on the same days is refused at the field; from the next day on it is signed.
  const signed = `Е-${Date.now()}`
  await contracts.getByRole('button', { name: 'Заключить договор' }).click()
  await accessible(page)
  await dialog(page).getByLabel('Номер договора').fill(signed)
  await dialog(page).getByLabel('С какого дня').fill('2026-03-10')
  await dialog(page).getByRole('button', { name: 'Заключить договор' }).click()
  await expect(dialog(page).getByRole('row', { name: new RegExp(`Номер договора.*${signed}`) })).toBeVisible()
  await dialog(page).getByRole('button', { name: 'Заключить договор' }).click()
  await expect(dialog(page).getByLabel('С какого дня')).toHaveAttribute('aria-invalid', 'true')
  await dialog(page).getByLabel('С какого дня').fill('2026-03-16')
  await dialog(page).getByRole('button', { name: 'Заключить договор' }).click()
  await dialog(page).getByRole('button', { name: 'Заключить договор' }).click()
  await said(page, `Договор ${signed} записан`)
  await expect(contracts.getByRole('row', { name: new RegExp(`${signed}.*с 16\\.03\\.2026.*Действует`) })).toBeVisible()

  const limits = part(page, 'Лимиты договора')
  await limits.getByRole('button', { name: 'Установить лимит' }).click()
  await accessible(page)
  await dialog(page).getByLabel('На месяц').fill('1 260,5555')
  await dialog(page).getByRole('button', { name: 'Сохранить' }).click()
  await expect(dialog(page).getByText('Число, не больше 3 знаков после запятой')).toBeVisible()
  await dialog(page).getByLabel('На месяц').fill('1 260,5')
  await dialog(page).getByLabel('На год').fill('15000')
  await dialog(page).getByLabel('Откуда').fill('приложение № 2')
  await pick(page, annex)
  await dialog(page).getByRole('button', { name: 'Сохранить' }).click()
  await expect(dialog(page).getByRole('row', { name: /На месяц.*без лимита.*1 260,5 м³/ })).toBeVisible()
  await dialog(page).getByRole('button', { name: 'Сохранить' }).click()
  await said(page, `Лимит по договору ${signed} записан`)

  // The register and the picture say the same.
  await expect(limits.getByRole('row', { name: /Водоснабжение.*1\s260,5 м³.*15\s000 м³.*с 01\.03\.2026.*приложение № 2/ })).toBeVisible()
  await expect(limits.getByRole('progressbar', { name: /Использовано 0 м³ из 15\s000 м³ за год/ })).toHaveCount(1)
  await limits.getByRole('button', { name: 'Показать таблицей' }).first().click()
  const picture = limits.getByRole('figure').first()
  await expect(picture.locator('svg')).toBeVisible()
  await expect(picture.getByRole('row', { name: /март 2026.*1\s260,5 м³/ })).toBeVisible()
  await expect(picture.getByRole('row', { name: /февраль 2026/ })).not.toContainText('260,5')
  await accessible(page)
})

test('a payment is taken back once it was seen what would be owed again', async ({ page, request }) => {
  const [number, act] = [await demoAccount(request), await paper(request, 'Ошибочный платёж')]
  await signIn(page, 'chief')
  await page.goto(`/admin/accounts/${number}?tab=payments`)
  // What a desk took only a desk gives back.
  const row = page.getByRole('row').filter({ has: page.getByRole('button', { name: 'Сторнировать' }), hasNotText: 'Касса' }).first()
  const sum = tiyn((await row.locator('b').textContent()) ?? '')
  const before = tiyn((await page.getByTestId('balance').textContent()) ?? '')
  await row.getByRole('button', { name: 'Сторнировать' }).click()
  await expect(dialog(page).getByLabel('Причина')).toBeFocused()
  await dialog(page).getByRole('button', { name: 'Сторнировать' }).click()
  await expect(dialog(page).getByLabel('Причина')).toHaveAttribute('aria-invalid', 'true')
  await dialog(page).getByLabel('Причина').fill('Платёж другого абонента')
  await pick(page, act)
  await dialog(page).getByRole('button', { name: 'Сторнировать' }).click()

  // The preview: what is owed then, to the tiyn.
  await expect(dialog(page).getByText(/^Снять платёж/)).toBeVisible()
  await expect(dialog(page).getByText('Снова к оплате')).toBeVisible()
  await accessible(page)
  const then = dialog(page).locator('dl > div').filter({ hasText: 'Баланс после сторно' }).locator('dd')
  expect(tiyn((await then.textContent()) ?? '')).toBe(before + sum)
  await dialog(page).getByRole('button', { name: 'Сторнировать' }).click()
  await said(page, /сторнирован$/)
  await expect.poll(async () => tiyn((await page.getByTestId('balance').textContent()) ?? '')).toBe(before + sum)
  await expect(page.getByText('Сторнирован', { exact: true }).first()).toBeVisible()
})

test('a program gets its token once, another one, and is switched off', async ({ page }) => {
  const name = `Банк ${Date.now()}`
  await signIn(page, 'admin')
  await page.goto('/admin/users')
  await page.getByRole('link', { name: 'Интеграции' }).click()
  await page.getByRole('button', { name: 'Новая интеграция' }).click()
  await dialog(page).getByLabel('Название программы').fill(name)
  await dialog(page).getByRole('button', { name: 'Создать' }).click()
  await expect(dialog(page).getByText('Отметьте хотя бы одно')).toBeVisible()
  await dialog(page).getByRole('group', { name: 'Права' }).getByRole('checkbox').first().check()
  await dialog(page).getByRole('button', { name: 'Создать' }).click()
  const token = page.getByTestId('client-token')
  const first = await token.textContent()
  expect(first?.length).toBeGreaterThan(20)
  await accessible(page)
  await page.getByRole('button', { name: 'Токен сохранён' }).click()

  const row = page.getByRole('row').filter({ hasText: name })
  await row.getByRole('button', { name: 'Сменить токен' }).click()
  await dialog(page).getByRole('button', { name: 'Сменить токен' }).click()
  await expect(token).toBeVisible()
  expect(await token.textContent()).not.toBe(first)
  await page.getByRole('button', { name: 'Токен сохранён' }).click()
  await row.getByRole('button', { name: 'Отключить' }).click()
  await dialog(page).getByRole('button', { name: 'Отключить' }).click()
  await expect(row.getByText('Отключена')).toBeVisible()
  await expect(row.getByRole('button')).toHaveCount(0)
})
