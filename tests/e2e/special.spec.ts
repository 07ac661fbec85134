// What decides a volume besides meters and norms, kept through the account's page: a case is recorded on a document, refused beside
// its field, ended, taken back; a watered plot; who pays for a house.
import { expect, test, type APIRequestContext, type Page } from '@playwright/test'
import { accessible, call, demoAccount, signIn, staffToken } from './support'

const dialog = (page: Page) => page.getByRole('dialog')
const said = (page: Page, words: string | RegExp) => expect(page.getByRole('status').filter({ hasText: words }).first()).toBeVisible()
const cases = (page: Page) => page.getByRole('region', { name: 'Особые случаи' }).first()

async function paper(request: APIRequestContext): Promise<string> {
  const number = `ОС-${Date.now()}`
  await call(
    request, 'mutation P($input: DocumentRegisterInput!) { documentRegister(input: $input) { document { id } errors { code } } }',
    { input: { kind: 'ACT', number, issuedOn: '2026-03-20', issuer: 'Инспектор', subject: 'Акт осмотра' } }, await staffToken(request, 'chief'),
  )
  return number
}
async function legalEntity(request: APIRequestContext): Promise<string> {
  const found = await call<{ accounts: { nodes: { number: string; status: string }[] } }>(
    request, 'query L { accounts(sector: LEGAL, first: 50) { nodes { number status } } }', {}, await staffToken(request, 'chief'),
  )
  return found.data!.accounts.nodes.find((one) => one.status === 'ACTIVE')!.number
}
async function pick(page: Page, number: string): Promise<void> {
  await dialog(page).getByRole('combobox', { name: 'Документ-основание' }).fill(number)
  await dialog(page).getByRole('listbox').getByRole('option').filter({ hasText: number }).click()
}

test('a torn seal is recorded, doubled in vain, ended and taken back', async ({ page, request }) => {
  const [number, act] = [await demoAccount(request), await paper(request)]
  await signIn(page, 'operator.multi')
  await page.goto(`/admin/accounts/${number}`)
  await cases(page).getByRole('button', { name: 'Записать случай' }).click()
  await accessible(page)

  // Nothing is sent that cannot be read.
  await dialog(page).getByRole('button', { name: 'Записать случай' }).click()
  await expect(dialog(page).getByText('Заполните это поле').first()).toBeVisible()
  await expect(dialog(page).getByLabel('Диаметр ввода')).toBeFocused()

  // People are asked for where they were away, a diameter where a pipe counts.
  await dialog(page).getByLabel('Что случилось').selectOption('ABSENCE')
  await expect(dialog(page).getByLabel('Сколько человек отсутствует')).toBeVisible()
  await expect(dialog(page).getByLabel('Диаметр ввода')).toHaveCount(0)
  await dialog(page).getByLabel('Что случилось').selectOption('TORN_SEAL')
  await dialog(page).getByLabel('Диаметр ввода').fill('15')
  await dialog(page).getByLabel('День последней проверки').fill('2026-03-10')
  await dialog(page).getByLabel('По какой день').fill('2026-03-01')
  await pick(page, act)
  await dialog(page).getByRole('button', { name: 'Записать случай' }).click()
  await expect(dialog(page).getByText('Конец раньше начала')).toBeVisible()
  await dialog(page).getByLabel('По какой день').fill('')

  // What was typed is read once more, then recorded.
  await dialog(page).getByRole('button', { name: 'Записать случай' }).click()
  await expect(dialog(page).getByRole('row', { name: /Диаметр ввода.*Ø 15 мм/ })).toBeVisible()
  await dialog(page).getByRole('button', { name: 'Записать случай' }).click()
  await said(page, 'Случай записан')
  await expect(cases(page).getByRole('row', { name: /Срыв пломбы.*Ø 15 мм.*с 10\.03\.2026.*Продолжается/ })).toBeVisible()
  await expect(page.getByRole('list', { name: 'На что обратить внимание' }).getByText('Срыв пломбы с 10.03.2026')).toBeVisible()

  // The same days of the same point belong to one case: said at the field.
  await cases(page).getByRole('button', { name: 'Записать случай' }).click()
  await dialog(page).getByLabel('Диаметр ввода').fill('20')
  await dialog(page).getByLabel('День последней проверки').fill('2026-03-15')
  await pick(page, act)
  await dialog(page).getByRole('button', { name: 'Записать случай' }).click()
  await dialog(page).getByRole('button', { name: 'Записать случай' }).click()
  await expect(dialog(page).getByText('На эти дни случай по пропускной способности уже записан')).toBeVisible()
  await expect(dialog(page).getByLabel('День последней проверки')).toHaveAttribute('aria-invalid', 'true')
  await expect(dialog(page).getByLabel('Диаметр ввода')).toHaveValue('20')
  await page.keyboard.press('Escape')

  await cases(page).getByRole('button', { name: 'Окончить' }).click()
  await dialog(page).getByLabel('Последний день').fill('2026-03-01')
  await pick(page, act)
  await dialog(page).getByRole('button', { name: 'Окончить' }).click()
  await expect(dialog(page).getByText('Случай начался 10.03.2026')).toBeVisible()
  await dialog(page).getByLabel('Последний день').fill('2026-03-12')
  await dialog(page).getByRole('button', { name: 'Окончить' }).click()
  await said(page, 'Последний день — 12 марта 2026')
  await expect(cases(page).getByRole('row', { name: /Срыв пломбы.*10\.03\.2026 – 12\.03\.2026.*Закончился/ })).toBeVisible()

  await cases(page).getByRole('button', { name: 'Отменить' }).click()
  await pick(page, act)
  await dialog(page).getByRole('button', { name: 'Отменить' }).click()
  await expect(dialog(page).getByText(/будет отменён, как будто его не было/)).toBeVisible()
  await dialog(page).getByRole('button', { name: 'Отменить' }).click()
  await said(page, 'Случай отменён')
  await expect(cases(page).getByText('Особых случаев нет')).toBeVisible()
})

test('a plot is measured in square metres, a house is paid for by one contract', async ({ page, request }) => {
  const [number, act] = [await demoAccount(request), await paper(request)]
  await signIn(page, 'operator.multi')
  await page.goto(`/admin/accounts/${number}`)
  await cases(page).getByRole('button', { name: 'Площадь полива' }).click()
  await dialog(page).getByLabel('Площадь').fill('0')
  await dialog(page).getByLabel('С какого дня').fill('2027-05-01')
  await pick(page, act)
  await dialog(page).getByRole('button', { name: 'Сохранить' }).click()
  await expect(dialog(page).getByText('От 1 до 1 000 000 м²')).toBeVisible()
  await dialog(page).getByLabel('Площадь').fill('650')
  await expect(dialog(page).getByText('Это 6,5 сот.')).toBeVisible()
  await dialog(page).getByRole('button', { name: 'Сохранить' }).click()
  await expect(dialog(page).getByText('650 м² (6,5 сот.)')).toBeVisible()
  await dialog(page).getByRole('button', { name: 'Сохранить' }).click()
  await said(page, 'Площадь записана')

  // A year ahead: the months of the demo stay as they are.
  await cases(page).getByRole('button', { name: 'Кто платит за дом' }).click()
  await accessible(page)
  await dialog(page).getByLabel('С месяца').selectOption('2027-03')
  await dialog(page).getByLabel('По месяц').selectOption('2027-02')
  await pick(page, act)
  await dialog(page).getByRole('button', { name: 'Сохранить' }).click()
  await expect(dialog(page).getByText('Конец раньше начала')).toBeVisible()
  await dialog(page).getByLabel('По месяц').selectOption('2027-04')
  const saves = async () => {
    await dialog(page).getByRole('button', { name: 'Сохранить' }).click()
    await expect(dialog(page).getByText(/квартирам дома отдельно не начисляется/)).toBeVisible()
    await dialog(page).getByRole('button', { name: 'Сохранить' }).click()
  }
  // Nobody is excused while nobody pays: without a payer, by a flat, for a house that has no inlet to be paid by or a shop inside.
  await dialog(page).getByRole('button', { name: 'Сохранить' }).click()
  await expect(dialog(page).getByText('Без плательщика дом не оплатит никто')).toBeVisible()
  await dialog(page).getByLabel('Номер счёта ОСИ или КСК').fill(number)
  await saves()
  await expect(dialog(page).getByText(/Такого действующего счёта юридического лица/)).toBeVisible()
  await dialog(page).getByLabel('Номер счёта ОСИ или КСК').fill(await legalEntity(request))
  await saves()
  await expect(dialog(page).getByText(/нет общедомового ввода|организации со своим договором/)).toBeVisible()
  await dialog(page).getByLabel('Кто платит').selectOption('flats')
  await dialog(page).getByRole('button', { name: 'Сохранить' }).click()
  await dialog(page).getByRole('button', { name: 'Сохранить' }).click()
  await said(page, 'Порядок оплаты записан')
})

test('who may not write sees the cases and no forms', async ({ page, request }) => {
  const number = await demoAccount(request)
  await signIn(page, 'manager')
  await page.goto(`/admin/accounts/${number}`)
  await expect(page.getByRole('heading', { level: 1 })).toBeVisible()
  await expect(page.getByRole('button', { name: 'Записать случай' })).toHaveCount(0)
})

test('a meter goes to be verified and the card says so; sewers from a day on', async ({ page, request }) => {
  const [number, act] = [await demoAccount(request, 'MULTI', true), await paper(request)]
  await signIn(page, 'operator.multi')
  await page.goto(`/admin/accounts/${number}`)
  const points = page.getByRole('region', { name: 'Точки учёта' })
  await points.getByRole('button', { name: 'Снять' }).first().click()
  await dialog(page).getByRole('button', { name: 'Снять' }).click()
  await expect(dialog(page).getByText('Заполните это поле').first()).toBeVisible()
  await dialog(page).getByLabel('Причина снятия').selectOption('VERIFICATION')
  const hint = await dialog(page).getByText(/^Было /).innerText()
  const shown = hint.replace(/[^\d,]/g, '')
  await dialog(page).getByLabel(/^Последнее показание/).fill(shown)
  await accessible(page)
  await dialog(page).getByRole('button', { name: 'Снять' }).click()
  // Why decides what is charged next, so it is said before it is sent.
  await expect(dialog(page).getByText(/начисляется среднее за последние месяцы/)).toBeVisible()
  await dialog(page).getByRole('button', { name: 'Снять' }).click()
  await said(page, /Счётчик № .* снят/)
  await expect(points.getByText(/: на поверке, снят/)).toBeVisible()

  // A year ahead: the months of the demo stay as they are.
  await cases(page).getByRole('button', { name: 'Услуги и благоустройство' }).click()
  const sewers = dialog(page).getByRole('switch', { name: 'водоотведение' })
  await expect(sewers).toBeChecked()
  await dialog(page).getByLabel('С какого дня').fill('2027-05-01')
  await pick(page, act)
  await dialog(page).getByRole('button', { name: 'Сохранить' }).click()
  await dialog(page).getByRole('button', { name: 'Сохранить' }).click()
  await expect(dialog(page).getByText('Так и есть с этого дня')).toBeVisible()
  await sewers.uncheck({ force: true })
  await accessible(page)
  await dialog(page).getByRole('button', { name: 'Сохранить' }).click()
  await expect(dialog(page).getByRole('row', { name: /водоснабжение, водоотведение.*водоснабжение/ })).toBeVisible()
  await dialog(page).getByRole('button', { name: 'Сохранить' }).click()
  await said(page, 'Услуги записаны')
})
