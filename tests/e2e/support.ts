import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { fileURLToPath } from 'node:url'
import jsqr from 'jsqr'
import { expect, type APIRequestContext, type Browser, type Locator, type Page } from '@playwright/test'
import { wordsOf, type Language } from './words'

/** The password of every demo login. */
export const password = 'almaty-demo'

export const sample = (name: string): string => fileURLToPath(new URL(`../samples/${name}`, import.meta.url))

/** Rows of a sample file by the names of its header. */
export function sampleRows(name: string): Record<string, string>[] {
  const [head = '', ...lines] = readFileSync(sample(name), 'utf8').replace(/^\uFEFF/, '').split(/\r?\n/).filter(Boolean)
  const names = head.split(';')
  return lines.map((line) => Object.fromEntries(line.split(';').map((value, index) => [names[index]!, value])))
}

export async function signIn(page: Page, login: string, language: Language = 'ru'): Promise<void> {
  const { t } = wordsOf('admin', language)
  await page.goto('/admin/')
  await page.evaluate((wanted) => localStorage.setItem('aiscra.language', wanted), language)
  await page.goto('/admin/')
  await page.getByLabel(t('access.login')).fill(login)
  await page.getByRole('textbox', { name: t('access.password') }).fill(password)
  await page.getByRole('button', { name: t('access.signIn') }).click()
  await expect(page.getByRole('navigation', { name: t('app.menu') })).toBeVisible()
}

/** "1 234,56 ₸" or "1,234.56 ₸" as tiyn. */
export const tiyn = (text: string): number => {
  const [, whole = '', part = '00'] = /^(.*?)(?:[.,](\d\d))?$/.exec(text.replace(/[^\d,.−-]/g, '').replace('−', '-'))!
  return Number(`${whole.replace(/[,.]/g, '')}${part}`)
}

/** A call of the API outside the screens, with the answer's data or its first error. */
export async function call<Data>(
  request: APIRequestContext, query: string, variables: object, token?: string,
): Promise<{ data?: Data; errors?: { message: string; extensions?: { code?: string } }[] }> {
  const response = await request.post('/graphql', {
    data: { query, variables },
    headers: { 'Accept-Language': 'ru', ...(token ? { Authorization: `Bearer ${token}` } : {}) },
  })
  return response.json()
}

export async function staffToken(request: APIRequestContext, login: string): Promise<string> {
  const answer = await call<{ sessionOpen: { session: { accessToken: string } } }>(
    request,
    // As listed in api/trusted/clients.graphql: nobody who has not signed in may send another one.
    'mutation SessionOpen($input: SessionOpenInput!) { sessionOpen(input: $input) { session { accessToken refreshToken expiresIn } errors { code field message } } }',
    { input: { login, password } },
  )
  return answer.data!.sessionOpen.session.accessToken
}

/** Names a registered document in the dialog that is open. */
export async function citesDocument(page: Page, request: APIRequestContext, language: Language = 'ru'): Promise<void> {
  const { t } = wordsOf('admin', language)
  const found = await call<{ documents: { nodes: { number: string }[] } }>(request, 'query D { documents(first: 1) { nodes { number } } }', {}, await staffToken(request, 'chief'))
  const dialog = page.getByRole('dialog')
  await dialog.getByRole('combobox', { name: t('archive.document') }).fill(found.data!.documents.nodes[0]!.number)
  await dialog.getByRole('listbox').getByRole('option').first().click()
}

/** Another person agrees to the one request that waits on a page. */
export async function agrees(browser: Browser, login: string, path: string, language: Language = 'ru'): Promise<void> {
  const { t } = wordsOf('admin', language)
  const page = await (await browser.newContext()).newPage()
  await signIn(page, login, language)
  await page.goto(path)
  const agree = page.getByRole('button', { name: t('signatures.agree'), exact: true })
  await agree.click()
  await page.getByRole('dialog').getByRole('button', { name: t('signatures.agree'), exact: true }).click()
  await expect(agree).toHaveCount(0)
  await page.context().close()
}

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')

/** No violation of WCAG 2.2 A and AA that axe can see. */
export async function accessible(page: Page): Promise<void> {
  // A dialog that still fades in has no contrast yet.
  await page.evaluate(() => Promise.allSettled(
    document.getAnimations().filter((one) => one.effect?.getComputedTiming().endTime !== Infinity).map((one) => one.finished),
  ).then(() => undefined))
  await page.evaluate(axe)
  const violations = await page.evaluate(async () => {
    const run = (globalThis as unknown as { axe: { run(options: object): Promise<{ violations: { id: string; nodes: { html: string; failureSummary?: string }[] }[] }> } }).axe.run
    const found = await run({ runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'] })
    return found.violations.map((one) => `${one.id}: ${one.nodes.slice(0, 3).map((node) => `${node.html.slice(0, 160)} ${node.failureSummary?.slice(0, 200)}`).join(' | ')}`)
  })
  expect(violations).toEqual([])
}

/** The first answer of a subscription, over a socket opened by the browser itself. */
export const watched = (page: Page, token: string, query: string, variables: object): Promise<string> =>
  page.evaluate(
    ([bearer, payload]) =>
      new Promise<string>((resolve, reject) => {
        const socket = new WebSocket(`ws://${location.host}/graphql/ws`, 'graphql-transport-ws')
        socket.addEventListener('open', () => socket.send(JSON.stringify({ type: 'connection_init', payload: { authorization: `Bearer ${bearer}` } })))
        socket.addEventListener('close', (event) => reject(new Error(`closed: ${event.code} ${event.reason}`)))
        socket.addEventListener('message', ({ data }) => {
          const message = JSON.parse(String(data)) as { type: string }
          if (message.type === 'connection_ack') socket.send(JSON.stringify({ id: '1', type: 'subscribe', payload }))
          if (message.type === 'next' || message.type === 'error') resolve(String(data))
        })
      }),
    [token, { query, variables }] as const,
  )

/** An account of the demo city with meters, bills and a debt; `spare` is one that other tests do not look at. */
export async function demoAccount(request: APIRequestContext, sector: 'MULTI' | 'PRIVATE' = 'MULTI', spare = false): Promise<string> {
  const found = await call<{ accounts: { nodes: { number: string; points: { meter: { id: string } | null }[]; bills: { nodes: { id: string }[] } }[] } }>(
    request,
    'query D($sector: Sector) { accounts(sector: $sector, debtorsOnly: true, first: 50) { nodes { number points { meter { id } } bills(first: 1) { nodes { id } } } } }',
    { sector },
    await staffToken(request, 'chief'),
  )
  const all = found.data!.accounts.nodes.filter((account) => account.bills.nodes.length > 0 && account.points.some((point) => point.meter))
  const one = spare ? all.at(-1) : all[0]
  return one!.number
}

/** Signs in to the cabinet by the code that the demo's outbox shows. */
export async function resident(page: Page, number: string, language: Language = 'ru'): Promise<void> {
  const { t } = wordsOf('portal', language)
  await page.addInitScript((wanted) => localStorage.setItem('aiscra.language', wanted), language)
  await page.goto('/portal/')
  await page.getByLabel(t('access.number')).fill(number)
  await page.getByRole('button', { name: t('access.send') }).click()
  // The message is in the language of the subscriber, whatever the screen speaks.
  const message = (await page.getByRole('alert', { name: t('access.demo') }).textContent()) ?? ''
  const code = /\b\d{4,8}\b/.exec(message.replace(t('access.demo'), ''))?.[0] ?? ''
  expect(code).not.toBe('')
  await page.getByLabel(t('access.code')).fill(code)
  await page.getByRole('button', { name: t('access.enter') }).click()
  await expect(page.getByText(t('home.account', { number }))).toBeVisible()
}

/** What a camera reads from the screen, as it is painted. */
export async function scanned(image: Locator): Promise<string> {
  const picture = (await image.screenshot()).toString('base64')
  const { width, height, pixels } = await image.page().evaluate(async (base64) => {
    const bytes = Uint8Array.from(atob(base64), (c) => c.charCodeAt(0))
    const bitmap = await createImageBitmap(new Blob([bytes], { type: 'image/png' }))
    const canvas = new OffscreenCanvas(bitmap.width, bitmap.height)
    const brush = canvas.getContext('2d')!
    brush.drawImage(bitmap, 0, 0)
    return { width: bitmap.width, height: bitmap.height, pixels: [...brush.getImageData(0, 0, bitmap.width, bitmap.height).data] }
  }, picture)
  const read = jsqr(Uint8ClampedArray.from(pixels), width, height, { inversionAttempts: 'dontInvert' })
  return read?.data ?? ''
}

const pictures = process.env.STORIES_PICTURES

/**
 * A screen as somebody sees it at this moment: no wider than the window, no label cut off. Kept as a picture where
 * STORIES_PICTURES names a folder, for a person to look at.
 */
export async function seen(page: Page, name: string, whole = true): Promise<void> {
  const broken = await page.evaluate(() => {
    const found: string[] = []
    const { scrollWidth, clientWidth } = document.documentElement
    if (scrollWidth > clientWidth) found.push(`the page is ${scrollWidth} wide in a window of ${clientWidth}`)
    for (const one of document.querySelectorAll<HTMLElement>('button, button *, label, a, th, h1, h2, h3, [role=tab], nav *')) {
      const style = getComputedStyle(one)
      if (style.overflowX === 'visible' || style.position === 'absolute' || one.offsetParent === null || !one.textContent?.trim()) continue
      if (one.scrollWidth > one.clientWidth + 1) found.push(`cut off: ${one.textContent.trim().slice(0, 60)}`)
    }
    const ruler = document.createElement('canvas').getContext('2d')!
    for (const field of document.querySelectorAll<HTMLInputElement>('input[placeholder]')) {
      const style = getComputedStyle(field)
      const room = field.clientWidth - parseFloat(style.paddingLeft) - parseFloat(style.paddingRight)
      ruler.font = style.font
      if (field.offsetParent !== null && room > 0 && ruler.measureText(field.placeholder).width > room + 1) found.push(`cut off: ${field.placeholder}`)
    }
    return found
  })
  if (pictures) await page.screenshot({ path: `${pictures}/${name}.png`, fullPage: whole, animations: 'disabled' })
  expect(broken, name).toEqual([])
}
