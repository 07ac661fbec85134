// A house of the workbench: an account bears no share on a document, and bears it again; the methods are summed up beside the flats.
import { expect, test, type Page } from '@playwright/test'
import { accessible, call, signIn, staffToken } from './support'

const dialog = (page: Page) => page.getByRole('dialog')
const said = (page: Page, words: string | RegExp) => expect(page.getByRole('status').filter({ hasText: words }).first()).toBeVisible()

test('an account is excluded from the share of its house and taken in again', async ({ page, request }) => {
  const token = await staffToken(request, 'accountant')
  const paper = `НБ-${Date.now()}`
  await call(
    request, 'mutation P($input: DocumentRegisterInput!) { documentRegister(input: $input) { document { id } errors { code } } }',
    { input: { kind: 'ACT', number: paper, issuedOn: '2026-03-20', issuer: 'Инспектор', subject: 'Квартира отключена' } }, token,
  )
  await call(request, 'mutation L($input: ImbalanceLookInput!) { imbalanceLook(input: $input) { job { id } errors { code } } }', { input: { period: '2026-03' } }, token)
  const houses = async () =>
    (await call<{ imbalanceHouses: { nodes: { building: { id: string } }[] } }>(request, '{ imbalanceHouses(period: "2026-03", first: 1) { nodes { building { id } } } }', {}, token)).data!.imbalanceHouses.nodes
  await expect.poll(async () => (await houses()).length, { timeout: 30_000 }).toBeGreaterThan(0)
  const [house] = await houses()

  await signIn(page, 'accountant')
  await page.goto(`/admin/imbalance/${house!.building.id}?period=2026-03`)
  const methods = page.getByRole('region', { name: 'Что даст каждый способ' }).first()
  await expect(methods.getByRole('row', { name: /Поровну/ }).first()).toBeVisible()
  const flats = page.getByRole('region', { name: 'Способы рядом' }).first()
  await expect(flats.getByRole('row', { name: /^Итого/ })).toBeVisible()

  const exclusions = page.getByRole('region', { name: 'Кто не несёт долю' }).first()
  await exclusions.getByRole('button', { name: 'Исключить счёт' }).click()
  await accessible(page)
  await dialog(page).getByRole('button', { name: 'Исключить счёт' }).click()
  await expect(dialog(page).getByRole('combobox', { name: 'Лицевой счёт' })).toHaveAttribute('aria-invalid', 'true')
  await dialog(page).getByRole('combobox', { name: 'Лицевой счёт' }).fill('100')
  const option = dialog(page).getByRole('listbox').getByRole('option').first()
  const number = /\d+/.exec((await option.textContent())!)![0]
  await option.click()
  await dialog(page).getByLabel('Обоснование').fill('Отключена от водопровода')
  await dialog(page).getByRole('combobox', { name: 'Документ-основание' }).fill(paper)
  await dialog(page).getByRole('listbox').getByRole('option').filter({ hasText: paper }).click()
  await dialog(page).getByRole('button', { name: 'Исключить счёт' }).click()
  await expect(dialog(page)).toContainText('Его часть ляжет на остальные квартиры')
  await dialog(page).getByRole('button', { name: 'Исключить счёт' }).click()
  await said(page, 'Счёт исключён из распределения')
  const row = exclusions.getByRole('row', { name: new RegExp(`${number}.*Отключена от водопровода.*${paper}`) }).first()
  await expect(row).toBeVisible()

  await row.getByRole('button', { name: 'Вернуть в распределение' }).click()
  await dialog(page).getByLabel('С какого дня').fill('2026-03-01')
  await dialog(page).getByRole('combobox', { name: 'Документ-основание' }).fill(paper)
  await dialog(page).getByRole('listbox').getByRole('option').filter({ hasText: paper }).click()
  await dialog(page).getByRole('button', { name: 'Вернуть в распределение' }).click()
  await expect(dialog(page)).toContainText(`Счёт ${number} с 1 марта 2026`)
  await dialog(page).getByRole('button', { name: 'Вернуть в распределение' }).click()
  await said(page, 'Счёт снова в распределении')
  await expect(row).toHaveCount(0)
})
