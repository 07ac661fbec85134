// Collection through the screens: a campaign's application and what interrupts limitation stand on the account's page, a dispute
// is opened without typing its sum, penalty is read by month, warnings say whom and what.
import { expect, test, type APIRequestContext, type Page } from '@playwright/test'
import { accessible, call, signIn, staffToken } from './support'

const dialog = (page: Page) => page.getByRole('dialog')
const said = (page: Page, words: string | RegExp) => expect(page.getByRole('status').filter({ hasText: words }).first()).toBeVisible()
const part = (page: Page, name: string) => page.getByRole('region', { name }).first()

type Payload = { errors: { code: string }[] } & Record<string, unknown>
async function does<Answer>(request: APIRequestContext, login: string, name: string, type: string, input: object, pick: string): Promise<Answer> {
  const answer = await call<Record<string, Payload>>(
    request, `mutation M($input: ${type}!) { ${name}(input: $input) { ${pick} errors { code } } }`, { input }, await staffToken(request, login),
  )
  expect(answer.errors).toBeUndefined()
  expect(answer.data![name]!.errors).toEqual([])
  return answer.data![name] as Answer
}

/** Penalty of legal entities is in the books, and a campaign by application goes on; the number of one that takes part. */
async function campaign(request: APIRequestContext): Promise<{ number: string; paper: string; name: string }> {
  const [paper, name] = [`АК-${Date.now()}`, `Акция ${Date.now()}`]
  const { document } = await does<{ document: { id: string } }>(
    request, 'chief', 'documentRegister', 'DocumentRegisterInput', { kind: 'ORDER', number: paper, issuedOn: '2026-03-20', issuer: 'Руководитель', subject: 'Акция' }, 'document { id }',
  )
  const token = await staffToken(request, 'chief')
  const accruals = async () =>
    (await call<{ penaltyAccruals: { nodes: { id: string; sector: string; state: string }[] } }>(request, '{ penaltyAccruals(first: 20) { nodes { id sector state } } }', {}, token))
      .data!.penaltyAccruals.nodes.filter((one) => one.sector === 'LEGAL')
  // One that was taken back is accrued anew.
  if (!/READY|POSTED/.test((await accruals())[0]?.state ?? '')) await does(request, 'accountant', 'penaltyReckon', 'PenaltyReckonInput', { sector: 'LEGAL', month: '2026-03' }, 'accrual { id }')
  await expect.poll(async () => (await accruals())[0]?.state, { timeout: 30_000 }).toMatch(/READY|POSTED/)
  const [accrual] = await accruals()
  if (accrual!.state === 'READY') await does(request, 'chief', 'penaltyPost', 'PenaltyPostInput', { id: accrual!.id }, 'accrual { id }')
  await expect.poll(async () => (await accruals())[0]?.state, { timeout: 30_000 }).toBe('POSTED')
  const { campaign: made } = await does<{ campaign: { id: string } }>(
    request, 'accountant', 'campaignPropose', 'CampaignProposeInput',
    {
      nameKk: name, nameRu: name, sectors: ['LEGAL'], groups: [], debtFrom: '2025-01', debtTo: '2026-02', startsOn: '2026-03-26', payBy: '2026-05-31', percent: '100',
      byApplication: true, documentId: document.id,
    },
    'campaign { id }',
  )
  await does(request, 'chief', 'campaignDecide', 'CampaignDecideInput', { id: made.id, agreed: true }, 'campaign { id }')
  const found = await call<{ debtors: { nodes: { account: { number: string; debt: { campaigns: { campaignId: string }[] } } }[] } }>(
    request, '{ debtors(sector: LEGAL, first: 50) { nodes { account { number debt { campaigns { campaignId } } } } } }', {}, token,
  )
  const member = found.data!.debtors.nodes.find(({ account }) => account.debt.campaigns.some((one) => one.campaignId === made.id))
  return { number: member!.account.number, paper, name }
}

/** The months of the demo stand as they stood: other stories close them. */
test.afterAll(async ({ request }) => {
  const token = await staffToken(request, 'chief')
  const found = await call<{ penaltyAccruals: { nodes: { id: string; sector: string; state: string }[] }; documents: { nodes: { id: string }[] } }>(
    request, '{ penaltyAccruals(first: 20) { nodes { id sector state } } documents(first: 1) { nodes { id } } }', {}, token,
  )
  const { penaltyAccruals, documents } = found.data!
  for (const one of penaltyAccruals.nodes.filter(({ sector, state }) => sector === 'LEGAL' && state === 'POSTED')) {
    const { signature } = await does<{ signature: { id: string } }>(
      request, 'chief', 'penaltyReverse', 'PenaltyReverseInput', { id: one.id, documentId: documents.nodes[0]!.id }, 'signature { id }',
    )
    await does(request, 'accountant', 'secondSignatureDecide', 'SecondSignatureDecideInput', { id: signature.id, agreed: true }, 'signature { id }')
  }
})

test('an application, an interruption and a dispute are taken on the account’s page', async ({ page, request }) => {
  const { number, paper, name } = await campaign(request)
  await signIn(page, 'operator.legal')
  await page.goto(`/admin/accounts/${number}?tab=debt`)

  const campaigns = part(page, 'Акции')
  const row = campaigns.getByRole('row', { name: new RegExp(name) })
  await expect(row).toContainText('Заявления нет')
  await row.getByRole('button', { name: 'Принять заявление' }).click()
  await expect(dialog(page)).toContainText('пеня спишется сама')
  await dialog(page).getByRole('button', { name: 'Принять заявление' }).click()
  await said(page, 'Заявление принято')
  await expect(row).toContainText('Заявление 26.03.2026')
  await expect(row.getByRole('button')).toHaveCount(0)

  await page.getByRole('button', { name: 'Перерыв давности' }).click()
  await accessible(page)
  await dialog(page).getByLabel('Когда').fill('2026-04-15')
  await dialog(page).getByRole('button', { name: 'Записать перерыв' }).click()
  await expect(dialog(page).getByText('Этот день ещё не наступил')).toBeVisible()
  await dialog(page).getByLabel('Когда').fill('2026-03-20')
  await dialog(page).getByLabel('Причина').selectOption('RECONCILIATION')
  await dialog(page).getByRole('combobox', { name: 'Документ-основание' }).fill(paper)
  await dialog(page).getByRole('listbox').getByRole('option').filter({ hasText: paper }).click()
  await dialog(page).getByRole('button', { name: 'Записать перерыв' }).click()
  await expect(dialog(page)).toContainText('срок давности пойдёт заново с 20 марта 2026')
  await dialog(page).getByRole('button', { name: 'Записать перерыв' }).click()
  await said(page, 'Срок давности идёт заново')
  await expect(part(page, 'Перерывы исковой давности').getByRole('row', { name: /20\.03\.2026.*Акт сверки.*все долги счёта/ }).first()).toBeVisible()

  // Too much is said before it is sent; without a sum the whole item is disputed.
  await page.getByRole('button', { name: 'Открыть спор' }).click()
  await dialog(page).getByLabel('Оспариваемая сумма').fill('999999999')
  await dialog(page).getByLabel('Обоснование').fill('Не согласны с объёмом')
  await dialog(page).getByRole('button', { name: 'Открыть спор' }).click()
  await expect(dialog(page).getByText(/Больше остатка/)).toBeVisible()
  await dialog(page).getByLabel('Оспариваемая сумма').fill('')
  await dialog(page).getByRole('button', { name: 'Открыть спор' }).click()
  await said(page, 'Спор открыт')
  await expect(part(page, 'Споры').getByRole('row', { name: /Рассматривается.*Не согласны с объёмом/ }).first()).toBeVisible()

  // Penalty by month: the months come to the total, a month opens into its debts and days.
  const penalty = part(page, 'Пеня')
  await expect(penalty.getByRole('row', { name: /^Итого/ })).toBeVisible()
  await penalty.getByRole('button', { name: 'Как рассчитано' }).first().click()
  await dialog(page).getByRole('button', { name: /день|дн/ }).first().click()
  await expect(dialog(page).getByText(/÷ 365 ×/).first()).toBeVisible()
  await accessible(page)
})

test('warnings: whom, before it is done; payments are looked at on request', async ({ page }) => {
  await signIn(page, 'accountant')
  await page.goto('/admin/debt/notices')
  await page.getByRole('button', { name: 'Показать список' }).click()
  await expect(dialog(page).getByRole('row').nth(1)).toBeVisible()
  await accessible(page)
  await page.keyboard.press('Escape')
  await page.getByRole('button', { name: 'Проверить оплаты' }).click()
  await said(page, 'Уведомления, рассрочки, взыскания и акции проверяются')
  await page.goto('/admin/debt/orders')
  await page.getByLabel('За сколько дней').selectOption('730')
  await expect(part(page, 'Истекает исковая давность')).toBeVisible()
})
