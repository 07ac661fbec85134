// A month of the city through the screens: import, read, charge, issue, explain, pay, close, and fail to change it.
import { expect, test, type Locator, type Page } from '@playwright/test'
import { accessible, call, sample, sampleRows, signIn, staffToken, tiyn, watched, resident } from './support'

test.describe.configure({ mode: 'serial' })

const registers = ['premises', 'accounts', 'residents', 'contracts', 'meters'] as const
const names: Record<string, string> = {
  premises: 'Дома и помещения', accounts: 'Лицевые счета', residents: 'Прописанные', contracts: 'Договоры', meters: 'Счётчики', readings: 'Показания',
}
const period = '2026-03'

/** A flat of the sample with a cold meter: the account the story follows. */
const account = (() => {
  const flats = new Set(sampleRows('accounts.csv').filter((row) => row.sector === 'multi').map((row) => row.number))
  const metered = sampleRows('meters.csv').find((row) => row.hot === '0' && flats.has(row.account))
  return { number: metered?.account ?? '' }
})()

async function upload(page: Page, kind: string, file = `${kind}.csv`): Promise<void> {
  await page.getByRole('navigation', { name: 'Разделы' }).getByRole('link', { name: 'Загрузка файлов' }).click()
  await page.getByLabel('Что загружаем').selectOption({ label: names[kind]! })
  await page.locator('input[type=file]').setInputFiles(sample(file))
  await page.getByRole('button', { name: 'Проверить' }).click()
  await expect(page.getByRole('heading', { level: 1, name: file })).toBeVisible()
}

/** The sum of a preview or of a run, as the screen says it. */
const sumOf = async (part: Locator): Promise<number> =>
  tiyn((await part.locator('dl div', { hasText: 'Сумма с НДС' }).locator('dd').first().evaluate((cell) => cell.firstChild?.textContent)) ?? '')

test('the registers and readings of the sample files come in', async ({ page }) => {
  await signIn(page, 'chief')
  for (const kind of registers) {
    await upload(page, kind)
    await expect(page.getByText('Проверен, ждёт решения')).toBeVisible()
    await page.getByRole('button', { name: /Записать годные/ }).click()
    await expect(page.getByText('Записан', { exact: true })).toBeVisible()
  }
  await upload(page, 'readings')
  await expect(page.getByText('Проверен, ждёт решения')).toBeVisible()
  await accessible(page)
  await page.getByRole('button', { name: /Записать годные/ }).click()
  await expect(page.getByText('Записан', { exact: true })).toBeVisible()
})

test('wrong rows say why, can be taken away, and never block right ones; a file can be undone', async ({ page }) => {
  await signIn(page, 'chief')
  await upload(page, 'readings', 'readings_with_errors.csv')
  await page.getByRole('button', { name: /Отклонённые/ }).click()
  await expect(page.getByRole('table').getByText('Отклонена').first()).toBeVisible()
  await accessible(page)
  const download = page.waitForEvent('download')
  await page.getByRole('button', { name: 'Скачать отклонённые' }).click()
  expect((await download).suggestedFilename()).toBe('readings_with_errors-rejected.csv')
  await page.getByRole('button', { name: /Записать годные/ }).click()
  await expect(page.getByText('Записан', { exact: true })).toBeVisible()
  await page.getByRole('button', { name: 'Отменить загрузку' }).click()
  await page.getByRole('dialog').getByRole('button', { name: 'Отменить загрузку' }).click()
  await expect(page.getByText('Отменён', { exact: true })).toBeVisible()
})

test('the resident signs in with a code and sends a reading', async ({ browser }) => {
  const phone = await browser.newContext({ viewport: { width: 390, height: 844 }, locale: 'ru-RU' })
  const page = await phone.newPage()
  await resident(page, account.number)
  await accessible(page)
  await page.getByRole('navigation').getByRole('link', { name: 'Показания' }).click()
  const meter = page.getByRole('region').filter({ has: page.getByRole('button', { name: 'Передать' }) }).first()
  const last = (await meter.getByText(/^Было/).textContent()) ?? ''
  const before = tiyn(last.replace(/^Было/, '').split('м³')[0]!) / 100
  await meter.getByLabel('Новое показание, м³').fill(String(before + 4).replace('.', ','))
  await meter.getByRole('button', { name: 'Передать' }).click()
  const answer = meter.getByRole('status')
  await expect(answer.getByText('Принято')).toBeVisible()
  await expect(answer.getByText(/Расход/)).toBeVisible()
  await expect(answer.getByText(/Обойдётся в/)).toBeVisible()
  await accessible(page)
  await phone.close()
})

test('doubtful readings stand in the way of closing, with their rows, and are decided', async ({ page, browser }) => {
  await signIn(page, 'chief')
  await page.goto(`/admin/periods?period=${period}&sector=MULTI`)
  const condition = page.locator('[data-condition=READINGS_DECIDED]')
  await expect(condition).toHaveAttribute('data-met', 'false')
  await condition.getByRole('button', { name: 'Показать строки' }).click()
  const links = condition.getByRole('table').getByRole('link')
  await expect(links.first()).toBeVisible()
  const doubtful = await links.allTextContents()

  const other = await (await browser.newContext({ locale: 'ru-RU' })).newPage()
  await signIn(other, 'operator.multi')
  for (const number of doubtful) {
    await other.goto(`/admin/accounts/${number}?tab=readings`)
    await other.getByRole('button', { name: 'Принять' }).first().click()
    await expect(other.getByText('Под сомнением')).toHaveCount(0)
  }
  await page.reload()
  await expect(condition).toHaveAttribute('data-met', 'true')
})

test('the month is charged with live progress, looked at and issued', async ({ page, request }) => {
  const frames: string[] = []
  page.on('websocket', (socket) => socket.on('framereceived', (frame) => frames.push(String(frame.payload))))
  await signIn(page, 'chief')
  await page.goto(`/admin/periods?period=${period}&sector=MULTI`)
  // First a look at what would come out; the run then gives the same sum.
  const preview = page.getByRole('region', { name: 'Предварительный расчёт города' })
  await preview.getByRole('button', { name: 'Посчитать предварительно' }).click()
  await expect(preview.getByText('Готов', { exact: true })).toBeVisible({ timeout: 60_000 })
  await expect(preview.getByRole('group', { name: 'Самые большие изменения' }).getByRole('row').nth(1)).toBeVisible()
  await accessible(page)
  const expected = await sumOf(preview)
  expect(expected).toBeGreaterThan(0)
  const run = page.getByRole('region', { name: 'Начисление' })
  await run.getByRole('button', { name: 'Начислить' }).click()
  await expect(run.getByText('Начислено, не выставлено')).toBeVisible({ timeout: 60_000 })
  await expect(run.getByText('Водоснабжение')).toBeVisible()
  expect(await sumOf(run)).toBe(expected)
  await expect(page.getByText('Дебет − кредит: 0,00')).toBeVisible()
  await expect(page.getByText('Аналитика − главная книга: 0,00')).toBeVisible()
  await accessible(page)
  // However quick the run was, its subscription answers the browser with the state as it is.
  const token = await staffToken(request, 'chief')
  const id = (await call<{ period: { run: { id: string } } }>(
    request, 'query R($period: Period!) { period(period: $period, sector: MULTI) { run { id } } }', { period }, token,
  )).data!.period.run.id
  expect(await watched(page, token, 'subscription W($id: ID!) { runProgress(id: $id) { state accountsDone accounts } }', { id })).toMatch(/"state":"POSTED"/)
  test.info().annotations.push({ type: 'live frames during the run', description: String(frames.filter((frame) => frame.includes('runProgress')).length) })
  await run.getByRole('button', { name: 'Выставить счета' }).click()
  await page.getByRole('dialog').getByRole('button', { name: 'Выставить счета' }).click()
  await expect(run.getByText('Счета выставлены')).toBeVisible()
})

test('a bill is explained to the last tiyn and paid', async ({ page }) => {
  await signIn(page, 'cashier')
  await page.getByRole('searchbox', { name: 'Поиск абонента' }).fill(account.number)
  await page.getByRole('searchbox', { name: 'Поиск абонента' }).press('Enter')
  await expect(page.getByRole('heading', { level: 1, name: `Лицевой счёт ${account.number}` })).toBeVisible()
  await accessible(page)
  await page.getByRole('tab', { name: 'Счета' }).click()
  await page.getByRole('link', { name: 'март 2026' }).click()
  await expect(page.getByText('Пересчитано: равно').first()).toBeVisible()
  await expect(page.getByText('Пересчитано: не равно')).toHaveCount(0)
  // Every line opens into its tree, and the lines add up to what was charged.
  let sum = 0
  for (const line of await page.getByRole('region').filter({ has: page.getByRole('heading', { level: 3 }) }).all()) {
    if (await line.getByRole('button', { name: 'Объяснить' }).count()) await line.getByRole('button', { name: 'Объяснить' }).click()
    await expect(line.getByTestId('explain')).toBeVisible()
    sum += tiyn((await line.getByTestId('gross').textContent()) ?? '')
    expect(tiyn((await line.getByTestId('explain').locator('.explain-value').first().textContent()) ?? '')).toBe(tiyn((await line.getByTestId('gross').textContent()) ?? ''))
  }
  expect(sum).toBe(tiyn((await page.getByRole('row', { name: /Начислено/ }).getByRole('cell').textContent()) ?? ''))
  expect(sum).toBeGreaterThan(0)
  await accessible(page)

  await page.getByRole('link', { name: `Лицевой счёт ${account.number}` }).click()
  await page.getByRole('tab', { name: 'Платежи' }).click()
  const before = tiyn((await page.getByTestId('balance').textContent()) ?? '')
  expect(before).toBeGreaterThan(0)
  await page.getByRole('button', { name: /Весь долг/ }).click()
  await page.getByRole('button', { name: 'Принять платёж' }).click()
  await expect(page.getByText(/Платёж принят/)).toBeVisible()
  await expect(page.getByTestId('balance')).toHaveText(/^0,00/)
})

test('the resident sees the bill in plain words', async ({ browser }) => {
  const phone = await browser.newContext({ viewport: { width: 390, height: 844 }, locale: 'ru-RU' })
  const page = await phone.newPage()
  await resident(page, account.number)
  await page.getByRole('link', { name: /Счёт за март 2026/ }).click()
  await expect(page.getByText(/По счётчику вы израсходовали/).first()).toBeVisible()
  await page.getByRole('button', { name: 'Показать подробно' }).first().click()
  await expect(page.getByTestId('explain').first()).toBeVisible()
  await accessible(page)
  await phone.close()
})

test('the month is closed and cannot be changed', async ({ page, request }) => {
  await signIn(page, 'chief')
  await page.goto(`/admin/periods?period=${period}&sector=MULTI`)
  await expect(page.getByText('Все выполнены')).toBeVisible()
  await page.getByRole('button', { name: 'Закрыть месяц' }).click()
  await page.getByRole('dialog').getByRole('button', { name: 'Закрыть месяц' }).click()
  await expect(page.getByText('Месяц закрыт: его начисления и платежи больше не изменятся.')).toBeVisible()
  await expect(page.getByRole('button', { name: 'Начислить' })).toHaveCount(0)

  await expect(page.getByRole('button', { name: 'Отменить начисление' })).toHaveCount(0)

  // The readings it was charged from stay, though their file once could be undone.
  await page.getByRole('navigation', { name: 'Разделы' }).getByRole('link', { name: 'Загрузка файлов' }).click()
  await page.getByRole('link', { name: 'readings.csv', exact: true }).click()
  await page.getByRole('button', { name: 'Отменить загрузку' }).click()
  await page.getByRole('dialog').getByRole('button', { name: 'Отменить загрузку' }).click()
  await expect(page.getByRole('alert')).toContainText('нельзя отменить')
  await expect(page.getByText('Записан', { exact: true })).toBeVisible()

  // Whoever asks the API itself changes nothing of March either: the run stands, and a payment taken back falls into April.
  const token = await staffToken(request, 'chief')
  const march = async () =>
    (await call<{ period: { status: string; charged: string; paid: string; run: { id: string } } }>(
      request, 'query P($period: Period!) { period(period: $period, sector: MULTI) { status charged paid run { id } } }', { period }, token,
    )).data!.period
  const before = await march()
  expect(before.status).toBe('CLOSED')
  const run = await call<{ runReverse: { run: null; errors: { code: string }[] } }>(
    request,
    'mutation R($input: RunReverseInput!) { runReverse(input: $input) { run { id } errors { code } } }',
    { input: { id: before.run.id, idempotencyKey: crypto.randomUUID() } },
    token,
  )
  expect(run.data?.runReverse.run).toBeNull()
  expect(run.data?.runReverse.errors).toHaveLength(1)
  const found = await call<{ account: { payments: { nodes: { id: string }[] } } }>(
    request, 'query P($number: String!) { account(number: $number) { payments(first: 1) { nodes { id } } } }', { number: account.number }, token,
  )
  const back = await call<{ paymentReverse: { payment: { id: string } | null } }>(
    request,
    'mutation R($input: PaymentReverseInput!) { paymentReverse(input: $input) { payment { id } errors { code } } }',
    { input: { id: found.data!.account.payments.nodes[0]!.id, idempotencyKey: crypto.randomUUID() } },
    token,
  )
  expect(back.data?.paymentReverse.payment).not.toBeNull()
  expect(await march()).toEqual(before)
})
