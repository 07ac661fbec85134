// Paying by a link: asked for in the cabinet, read by a telephone's camera, paid in the provider's application, seen as paid without a
// reload; the money lies with the provider's agent. The product knows its provider from its configuration: AISCRA_KASPI_PORT of this machine.
import { expect, test } from '@playwright/test'
import { Kaspi } from './kaspi'
import { accessible, call, resident, scanned, seen, staffToken, tiyn } from './support'

const port = Number(process.env.AISCRA_KASPI_PORT)
test.skip(!port, 'needs a product that knows Kaspi at AISCRA_KASPI_PORT')

test('a resident pays by a link and sees the money come', async ({ page, request }) => {
  const kaspi = await new Kaspi().start(port)
  const chief = await staffToken(request, 'chief')
  // The channel that its money comes on: opened once, of the agent that the demo knows.
  const known = await call<{ paymentChannels: { nodes: { id: string; code: string; active: boolean; agent: { id: string } }[] } }>(
    request, 'query C { paymentChannels(first: 50) { nodes { id code active agent { id } } } }', {}, chief,
  )
  const channels = known.data!.paymentChannels.nodes
  let channel = channels.find((one) => one.code === 'kaspi-link')
  if (!channel) {
    const made = await call<{ channelCreate: { channel: { id: string; code: string; active: boolean; agent: { id: string } } | null; errors: object[] } }>(
      request,
      'mutation C($input: ChannelCreateInput!) { channelCreate(input: $input) { channel { id code active agent { id } } errors { code field } } }',
      {
        input: {
          agentId: channels.find((one) => one.code === 'kaspi')!.agent.id, code: 'kaspi-link', sandbox: false,
          settings: {
            dialect: 'UNIFIED', spelling: 'JSON', networks: [], auth: 'NONE', zone: 'Asia/Almaty', language: 'RU', accountForm: 'DIGITS', temporary: 'CODE',
            denied: 'STATUS', dates: 'STRICT', closed: 'TAKE', duplicateMinutes: 10, answerSeconds: 12, shows: [], codes: [],
          },
        },
      },
      chief,
    )
    expect(made.data?.channelCreate.errors).toEqual([])
    channel = made.data!.channelCreate.channel!
  }
  if (!channel.active) {
    const on = await call<{ channelSwitch: { errors: object[] } }>(
      request, 'mutation S($input: ChannelSwitchInput!) { channelSwitch(input: $input) { errors { code } } }', { input: { id: channel.id, on: true } }, chief,
    )
    expect(on.data?.channelSwitch.errors).toEqual([])
  }

  const debtors = await call<{ accounts: { nodes: { number: string; owed: string }[] } }>(
    request, 'query A { accounts(sector: PRIVATE, debtorsOnly: true, first: 50) { nodes { number owed } } }', {}, chief,
  )
  // Not one that other tests tell their stories of: these take the first.
  const { number, owed } = debtors.data!.accounts.nodes.at(-1)!
  await page.setViewportSize({ width: 390, height: 844 })
  await resident(page, number)
  await page.goto('/portal/payments')
  const pay = page.getByRole('region', { name: 'Оплатить через Kaspi' })
  const sum = pay.getByRole('textbox', { name: 'Сумма' })
  expect(tiyn(await sum.inputValue()), 'what is owed stands there already').toBe(tiyn(owed))
  await sum.fill('0')
  await pay.getByRole('button', { name: 'Оплатить через Kaspi' }).click()
  await expect(pay.getByText('Неверная сумма')).toBeVisible()
  await sum.fill('150,50')
  await accessible(page)
  await seen(page, 'link-1-asked')
  await pay.getByRole('button', { name: 'Оплатить через Kaspi' }).click()

  const told = page.getByRole('status').filter({ hasText: '150,50' })
  await expect(told).toContainText('Оплатите')
  expect(kaspi.asked.map(({ amount }) => amount)).toEqual(['150.5'])
  const [asked] = kaspi.asked
  await expect(told.getByRole('link', { name: 'Открыть Kaspi' })).toHaveAttribute('href', `https://pay.kaspi.kz/pay/${asked!.id}`)
  await accessible(page)
  await seen(page, 'link-2-code')
  expect(await scanned(told.getByRole('img', { name: 'QR-код' }))).toBe(`https://pay.kaspi.kz/pay/${asked!.id}`)

  kaspi.becomes(asked!.id, 'QrTokenCreated')
  await expect(page.getByRole('status').filter({ hasText: 'Ждём подтверждения' })).toBeVisible({ timeout: 30_000 })
  kaspi.becomes(asked!.id, 'Processed')
  await expect(page.getByRole('status').filter({ hasText: 'Платёж 150,50' })).toBeVisible({ timeout: 30_000 })
  await expect(page.getByRole('listitem').filter({ hasText: '150,50' }).filter({ hasText: 'Kaspi Bank' })).toBeVisible()
  await accessible(page)
  await seen(page, 'link-3-paid')

  // The city is left as it was found.
  const paid = await call<{ account: { payments: { nodes: { id: string; amount: string; channel: string; externalId: string }[] } } }>(
    request, 'query P($number: String!) { account(number: $number) { payments(first: 1) { nodes { id amount channel externalId } } } }', { number }, chief,
  )
  const payment = paid.data!.account.payments.nodes[0]!
  expect(payment).toMatchObject({ amount: '150.50', channel: 'kaspi-link', externalId: String(asked!.id) })
  const back = await call<{ paymentReverse: { errors: object[] } }>(
    request, 'mutation R($input: PaymentReverseInput!) { paymentReverse(input: $input) { errors { code } } }',
    { input: { id: payment.id, reason: 'the test is over', idempotencyKey: crypto.randomUUID() } }, chief,
  )
  expect(back.data?.paymentReverse.errors).toEqual([])
  await kaspi.stop()
})
