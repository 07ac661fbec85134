// Every screen of both applications, in both themes: axe finds nothing, nothing breaks in the console. A route without a
// place to open it is a failure, so that a new screen cannot be forgotten.
import { readFileSync } from 'node:fs'
import { expect, test, type APIRequestContext, type Page } from '@playwright/test'
import { accessible, call, demoAccount, resident, sample, signIn, staffToken } from './support'

const routesOf = (application: 'admin' | 'portal'): string[] =>
  [...readFileSync(new URL(`../../web-${application}/src/app/router.tsx`, import.meta.url), 'utf8').matchAll(/\bpath: '([^']+)'/g)].map(([, path]) => path!)

interface Place {
  route: string
  path: string
  login?: string
  /** Buttons that open something more of the screen. */
  open?: RegExp[]
  tab?: string
}

async function ids(request: APIRequestContext): Promise<{ number: string; legal: string; bill: string; batch: string; scenario: string; correction: string; amendment: string; claim: string; channel: string; shift: string; statement: string; reconciled: string }> {
  const token = await staffToken(request, 'chief')
  const number = await demoAccount(request)
  const found = await call<{ account: { bills: { nodes: { id: string }[] } } }>(
    request, 'query W($number: String!) { account(number: $number) { bills(first: 1) { nodes { id } } } }', { number }, token,
  )
  const upload = await request.post('/imports/upload?kind=READINGS&filename=walk.csv', {
    data: readFileSync(sample('readings_with_errors.csv')), headers: { Authorization: `Bearer ${token}`, 'content-type': 'text/csv' },
  })
  const { id: batch } = (await upload.json()) as { id: string }
  const { data: made } = await call<{ scenarioCreate: { scenario: { id: string } } }>(
    request,
    `mutation S($input: ScenarioCreateInput!) { scenarioCreate(input: $input) { scenario { id } } }`,
    {
      input: {
        name: 'Цена воды 72,60', period: '2026-03', keepAccounts: true, idempotencyKey: 'walk-scenario',
        changes: [{ price: { service: 'WATER', consumerGroup: 'POPULATION', from: '2026-03-01', net: '72.60' } }],
      },
    },
    token,
  )
  const papers = await call<{ documents: { nodes: { id: string }[] } }>(request, 'query W { documents(first: 1) { nodes { id } } }', {}, token)
  const prepared = await call<{ correctionCreate: { correction: { id: string } } }>(
    request, 'mutation W($input: CorrectionCreateInput!) { correctionCreate(input: $input) { correction { id } } }',
    { input: { documentId: papers.data!.documents.nodes[0]!.id, reason: 'walk', from: '2026-01', to: '2026-02', numbers: number, idempotencyKey: `walk ${number}` } }, token,
  )
  const amended = await call<{ amendmentCreate: { amendment: { id: string } } }>(
    request, 'mutation W($input: AmendmentCreateInput!) { amendmentCreate(input: $input) { amendment { id } } }',
    { input: { documentId: papers.data!.documents.nodes[0]!.id, reason: 'walk', changes: `${number};residents;4;2026-03-01`, idempotencyKey: `walk amend ${number}` } }, token,
  )
  const entities = await call<{ accounts: { nodes: { number: string; contract: { id: string } | null }[] } }>(
    request, 'query W { accounts(sector: LEGAL, status: ACTIVE, first: 50) { nodes { number contract { id } } } }', {}, token,
  )
  const legal = entities.data!.accounts.nodes.find((one) => one.contract)!.number
  const { data: claimed } = await call<{ claims: { nodes: { id: string; next: string[] }[] } }>(request, 'query W { claims(first: 50) { nodes { id next steps { state } } } }', {}, token)
  const claim = claimed!.claims.nodes.find((one) => one.next.includes('IMPOSSIBLE'))!.id
  const channels = await call<{ paymentChannels: { nodes: { id: string }[] } }>(request, 'query W { paymentChannels(first: 1) { nodes { id } } }', {}, token)
  const shifts = await call<{ cashShifts: { nodes: { id: string }[] } }>(request, 'query W { cashShifts(first: 1) { nodes { id } } }', {}, token)
  const treasurer = { Authorization: `Bearer ${await staffToken(request, 'treasurer')}` }
  const brought = await request.post('/payments/statements?filename=walk.txt', { data: bankText, headers: treasurer })
  const [statement] = ((await brought.json()) as { ids: string[] }).ids
  const own = await call<{ paymentChannels: { nodes: { id: string; sandbox: boolean }[] } }>(request, 'query W { paymentChannels(first: 50) { nodes { id sandbox } } }', {}, token)
  const layout = { separator: ';', header: true, total: 'TOTAL', columns: ['NUMBER', 'MOMENT', 'ACCOUNT', 'AMOUNT'] }
  const reconciled = own.data!.paymentChannels.nodes.find((one) => !one.sandbox)!.id
  await call(
    request, 'mutation W($input: ReconcileTermsInput!) { reconcileTermsSet(input: $input) { terms { version } errors { code } } }',
    { input: { channelId: reconciled, layout, since: '2026-03-20', dueAt: '10:00', contactHours: 2, serialRule: 'ADDS', feePoints: 80, version: 0 } }, token,
  )
  return { reconciled, statement: statement!, channel: channels.data!.paymentChannels.nodes[0]!.id, number, legal, bill: found.data!.account.bills.nodes[0]!.id, batch, scenario: made!.scenarioCreate.scenario.id, correction: prepared.data!.correctionCreate.correction.id, amendment: amended.data!.amendmentCreate.amendment.id, claim, shift: shifts.data!.cashShifts.nodes[0]!.id }
}

/** A day of the bank account as 1C writes it. */
const bankText = [
  '1CClientBankExchange', 'ВерсияФормата=2.00', 'Кодировка=UTF-8', 'ДатаНачала=24.03.2026', 'ДатаКонца=24.03.2026', 'РасчСчет=KZ549261802102000003',
  'СекцияРасчСчет', 'ДатаНачала=24.03.2026', 'ДатаКонца=24.03.2026', 'РасчСчет=KZ549261802102000003', 'НачальныйОстаток=0', 'ВсегоПоступило=500',
  'ВсегоСписано=0', 'КонечныйОстаток=500', 'КонецРасчСчет', 'СекцияДокумент=Выписка', 'ДатаОперации=24.03.2026', 'СуммаПриход=500', 'НомерДокумента=7',
  'ДатаДокумента=24.03.2026', 'ПлательщикНаименование=ТОО Ромашка', 'НазначениеПлатежа=За воду', 'Сумма=500', 'Валюта=KZT', 'КонецДокумента', 'КонецФайла', '',
].join('\r\n')

const quiet = (page: Page): string[] => {
  const broken: string[] = []
  page.on('console', (message) => message.type() === 'error' && broken.push(message.text()))
  page.on('pageerror', (error) => broken.push(error.message))
  return broken
}

async function look(page: Page, place: Place): Promise<void> {
  await page.goto(place.path)
  await page.waitForLoadState('networkidle')
  await expect(page.getByRole('heading', { level: 1 })).toBeVisible()
  for (const scheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme: scheme, reducedMotion: 'reduce' })
    await expect(page.locator('html')).toHaveAttribute('data-mantine-color-scheme', scheme)
    await page.waitForTimeout(150) // the colours of controls follow in the next frames
    await accessible(page)
    for (const name of place.open ?? []) {
      await page.getByRole('button', { name }).first().click()
      await expect(page.getByRole('dialog')).toBeVisible()
      await accessible(page)
      await page.keyboard.press('Escape')
      await expect(page.getByRole('dialog')).toBeHidden()
    }
  }
  await page.emulateMedia({ colorScheme: 'light' })
  // Nothing is wider than a phone; wide tables scroll inside themselves.
  const size = page.viewportSize()!
  await page.setViewportSize({ width: 390, height: 844 })
  await expect.poll(() => page.evaluate(() => document.documentElement.scrollWidth), { message: 'width on a phone' }).toBeLessThanOrEqual(390)
  await page.setViewportSize(size)
}

test('every screen of the office', async ({ page, request }) => {
  test.setTimeout(1_200_000)
  const { number, legal, bill, batch, scenario, correction, amendment, claim, channel, shift, statement, reconciled } = await ids(request)
  const places: Place[] = [
    { route: '/', path: '/admin/', login: 'manager' },
    { route: '/picture', path: '/admin/picture', login: 'manager' },
    { route: '/picture', path: '/admin/picture?wall=true', login: 'manager' },
    { route: '/accounts', path: '/admin/accounts', login: 'operator.multi', open: [/Открыть лицевой счёт/] },
    { route: '/accounts/$number', path: `/admin/accounts/${number}`, login: 'operator.multi', open: [/Прописанные/, /Новый абонент/, /Выезд/, /Заменить|Установить счётчик/, /Записать случай/, /Площадь полива/, /Кто платит за дом/, /Общий прибор/] },
    { route: '/accounts/$number', path: `/admin/accounts/${legal}`, login: 'operator.legal', open: [/Заключить договор/, /Расторгнуть/, /Установить лимит/, /Включить точку/, /Добавить ввод/] },
    { route: '/accounts/$number', path: `/admin/accounts/${number}?tab=bills`, login: 'operator.multi' },
    { route: '/accounts/$number', path: `/admin/accounts/${number}?tab=readings`, login: 'operator.multi' },
    { route: '/accounts/$number', path: `/admin/accounts/${number}?tab=payments`, login: 'cashier' },
    { route: '/accounts/$number', path: `/admin/accounts/${number}?tab=payments`, login: 'chief', open: [/Сторнировать/] },
    { route: '/accounts/$number', path: `/admin/accounts/${number}?tab=debt`, login: 'operator.multi', open: [/Открыть спор/, /Оформить рассрочку/, /Перерыв давности/] },
    { route: '/accounts/$number/preview', path: `/admin/accounts/${number}/preview`, login: 'chief' },
    { route: '/bills/$id', path: `/admin/bills/${encodeURIComponent(bill)}`, login: 'chief' },
    { route: '/readings', path: '/admin/readings', login: 'chief' },
    { route: '/imports', path: '/admin/imports', login: 'chief' },
    { route: '/imports/$id', path: `/admin/imports/${encodeURIComponent(batch)}`, login: 'chief' },
    { route: '/periods', path: '/admin/periods', login: 'chief' },
    { route: '/periods/reports', path: '/admin/periods/reports?period=2026-02', login: 'chief' },
    { route: '/debt', path: '/admin/debt', login: 'chief' },
    { route: '/debt/penalty', path: '/admin/debt/penalty', login: 'chief', open: [/Рассчитать пеню/, /Внести мораторий/] },
    { route: '/debt/notices', path: '/admin/debt/notices', login: 'chief', open: [/Показать список/] },
    { route: '/debt/claims', path: '/admin/debt/claims', login: 'accountant', open: [/Подготовить взыскание/] },
    { route: '/debt/claims/$id', path: `/admin/debt/claims/${encodeURIComponent(claim)}`, login: 'accountant', open: [/Записать шаг/, /Начислить издержки/] },
    { route: '/debt/claims/$id', path: `/admin/debt/claims/${encodeURIComponent(claim)}`, login: 'chief', open: [/Отменить последний шаг/] },
    { route: '/debt/orders', path: '/admin/debt/orders', login: 'chief' },
    { route: '/debt/campaigns', path: '/admin/debt/campaigns', login: 'chief', open: [/Новая акция/] },
    { route: '/channels', path: '/admin/channels', login: 'chief', open: [/Новый канал/, /Добавить агента/] },
    { route: '/channels/$id', path: `/admin/channels/${encodeURIComponent(channel)}`, login: 'chief', open: [/Изменить/] },
    { route: '/cash', path: '/admin/cash', login: 'cashier.alatau', open: [/X-отчёт/, /Пересчитать кассу/, /Внести/, /Инкассация/, /Передать в кассу/, /Возврат по прежнему чеку/, /Закрыть смену/] },
    ...['desks', 'shifts', 'report', 'book', 'receipts', 'denominations'].map((tab) => ({ route: '/desks', path: `/admin/desks?tab=${tab}`, login: 'chief.cashier' })),
    { route: '/desks/shifts/$id', path: `/admin/desks/shifts/${encodeURIComponent(shift)}`, login: 'chief.cashier' },
    { route: '/reconciliation', path: '/admin/reconciliation', login: 'treasurer', open: [/Загрузить реестр/, /Загрузить выписку/] },
    { route: '/reconciliation/days/$channel', path: `/admin/reconciliation/days/${encodeURIComponent(reconciled)}?date=2026-03-25`, login: 'treasurer' },
    { route: '/reconciliation/suspense', path: '/admin/reconciliation/suspense', login: 'treasurer' },
    { route: '/reconciliation/statements', path: '/admin/reconciliation/statements', login: 'treasurer' },
    { route: '/reconciliation/statements/$id', path: `/admin/reconciliation/statements/${encodeURIComponent(statement)}`, login: 'treasurer', open: [/Указать вид/] },
    { route: '/reconciliation/refunds', path: '/admin/reconciliation/refunds', login: 'treasurer' },
    { route: '/accounts/$number', path: `/admin/accounts/${number}?tab=payments`, login: 'treasurer', open: [/Разнести заново/, /Перенести/, /Вернуть/, /Связать с долгами/] },
    { route: '/reconciliation/terms', path: '/admin/reconciliation/terms', login: 'chief', open: [/Изменить/, /Задать условия/] },
    { route: '/corrections', path: '/admin/corrections', login: 'chief', open: [/Подготовить исправление/] },
    { route: '/corrections/$id', path: `/admin/corrections/${encodeURIComponent(correction)}`, login: 'chief' },
    { route: '/amendments', path: '/admin/amendments', login: 'chief', open: [/Подготовить правку/] },
    { route: '/amendments/$id', path: `/admin/amendments/${encodeURIComponent(amendment)}`, login: 'chief' },
    { route: '/signatures', path: '/admin/signatures', login: 'chief' },
    { route: '/imbalance', path: '/admin/imbalance', login: 'chief' },
    { route: '/imbalance/$house', path: '/admin/imbalance/QnVpbGRpbmc6MQ', login: 'chief' },
    { route: '/tariffs/services', path: '/admin/tariffs/services', login: 'chief', open: [/Предложить расценку/] },
    { route: '/tariffs', path: '/admin/tariffs', login: 'chief', open: [/Новая цена/, /Новая норма/, /Новая ставка/, /Новые диапазоны/, /Приостановить/, /Предложить значение/] },
    { route: '/scenarios', path: '/admin/scenarios', login: 'chief' },
    { route: '/scenarios/new', path: '/admin/scenarios/new', login: 'chief' },
    { route: '/scenarios/$id', path: `/admin/scenarios/${encodeURIComponent(scenario)}`, login: 'chief', open: [/Пересчитать/, /Удалить/] },
    { route: '/documents', path: '/admin/documents', login: 'chief', open: [/Зарегистрировать документ/] },
    { route: '/jobs', path: '/admin/jobs', login: 'chief' },
    { route: '/users', path: '/admin/users', login: 'admin', open: [/Новый пользователь/, /Изменить/, /Новая роль/] },
    { route: '/users/clients', path: '/admin/users/clients', login: 'admin', open: [/Новая интеграция/] },
    { route: '/operations', path: '/admin/operations', login: 'admin', open: [/Выключить/] },
    { route: '/profile', path: '/admin/profile', login: 'admin' },
    { route: '/audit', path: '/admin/audit', login: 'auditor' },
  ]
  const covered = new Set(['/design', ...places.map((place) => place.route)])
  expect(routesOf('admin').filter((route) => !covered.has(route))).toEqual([])

  const broken = quiet(page)
  await page.goto('/admin/')
  await accessible(page)
  let login = ''
  for (const place of places) {
    if (place.login !== login) {
      if (login) await page.evaluate(() => localStorage.clear())
      login = place.login ?? ''
      await signIn(page, login)
    }
    await test.step(`${place.path} as ${login}`, () => look(page, place))
  }
  expect(broken).toEqual([])
})

test('every screen of the cabinet', async ({ browser, request }) => {
  test.setTimeout(480_000)
  const { number } = await ids(request)
  const phone = await browser.newContext({ viewport: { width: 390, height: 844 }, locale: 'ru-RU' })
  const page = await phone.newPage()
  const broken = quiet(page)
  await page.goto('/portal/')
  await accessible(page)
  await resident(page, number)
  await page.getByRole('navigation').getByRole('link', { name: 'Счета' }).click()
  const bill = (await page.locator('a[href*="/portal/bills/"]').first().getAttribute('href'))!
  const places: Place[] = [
    { route: '/', path: '/portal/' },
    { route: '/bills', path: '/portal/bills' },
    { route: '/bills/$id', path: bill },
    { route: '/readings', path: '/portal/readings' },
    { route: '/payments', path: '/portal/payments' },
    { route: '/certificate', path: '/portal/certificate' },
  ]
  expect(routesOf('portal').filter((route) => !places.some((place) => place.route === route))).toEqual([])
  for (const place of places) await test.step(place.path, () => look(page, place))
  expect(broken).toEqual([])
  await phone.close()
})

test('the keyboard alone finds an account and comes back', async ({ page, request }) => {
  const { number } = await ids(request)
  await signIn(page, 'chief')
  await page.keyboard.press('Tab')
  await expect(page.getByRole('link', { name: 'К содержанию' })).toBeFocused()
  await page.getByRole('searchbox', { name: 'Поиск абонента' }).focus()
  await page.keyboard.press('Control+k')
  const field = page.getByRole('dialog').getByRole('combobox')
  await expect(field).toBeFocused()
  await page.keyboard.type(number)
  await expect(page.getByRole('option', { name: new RegExp(number) })).toHaveAttribute('aria-selected', 'true')
  await accessible(page)
  await page.keyboard.press('Enter')
  await expect(page.getByRole('heading', { level: 1, name: `Лицевой счёт ${number}` })).toBeVisible()
})
