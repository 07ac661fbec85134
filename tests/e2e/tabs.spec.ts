// Two tabs of one subscriber share one refresh token that rotates: whoever comes second, or leaves while the answer is on its
// way, must not sign both out.
import { expect, test, type Page } from '@playwright/test'
import { demoAccount, resident } from './support'

test('two tabs going on at once stay signed in', async ({ browser, request }) => {
  const context = await browser.newContext({ locale: 'ru-RU' })
  const number = await demoAccount(request)
  const first = await context.newPage()
  await resident(first, number)
  const second = await context.newPage()
  await second.goto('/portal/')
  const home = (page: Page) => expect(page.getByText(`Лицевой счёт ${number}`)).toBeVisible()
  await home(second)
  const refused: string[] = []
  for (const page of [first, second]) {
    page.on('response', (response) => {
      if (!response.url().endsWith('/graphql') || !response.request().postData()?.includes('sessionRefresh')) return
      void response.text().then((text) => text.includes('SESSION_OVER') && refused.push(text))
    })
  }
  // A reload forgets the access token: both tabs need a new pair at the same moment, again and again.
  for (let turn = 0; turn < 4; turn += 1) {
    await Promise.all([first.reload(), second.reload()])
    await Promise.all([home(first), home(second)])
  }
  expect(refused).toEqual([])
  // Signing out in one tab signs out the other.
  await first.getByRole('button', { name: 'Выйти' }).click()
  await expect(second.getByRole('heading', { level: 1, name: 'Вход в кабинет' })).toBeVisible()
  await context.close()
})
