// One way to build both applications: the base path they are served under, hashed assets, a manifest for the budget.
import react from '@vitejs/plugin-react'

export const application = (base) => {
  const server = process.env.AISCRA_URL ?? 'http://127.0.0.1:8080'
  const proxied = { target: server, changeOrigin: true, ws: true }
  return {
    base,
    plugins: [react()],
    build: { target: 'es2022', manifest: true, sourcemap: false, chunkSizeWarningLimit: 900 },
    server: { proxy: { '/graphql': proxied, '/imports': proxied, '/samples': proxied } },
  }
}
