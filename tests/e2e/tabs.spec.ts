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

test('a page left while its session is renewed comes back signed in', async ({ page, request }) => {
  const number = await demoAccount(request)
  await resident(page, number)
  // The server renews the session, and the page is gone before the answer arrives.
  let lost = 0
  await page.route('**/graphql', async (route) => {
    if (!route.request().postData()?.includes('sessionRefresh') || lost > 0) return route.continue()
    const answer = await route.fetch()
    expect(await answer.text()).toContain('refreshToken')
    lost += 1
    await route.abort()
  })
  await page.reload()
  await expect.poll(() => lost).toBe(1)
  await page.reload()
  await expect(page.getByText(`Лицевой счёт ${number}`)).toBeVisible()
})
