// A real OpenID Connect provider for the tests: `node server.mjs PORT ADDRESS-OF-THE-PAGES [CERT KEY]`. Whoever logs in
// is asked by its own pages; any password will do. `POST /control/…` makes it misbehave, as no real one can be made to.
import { createHmac, createPrivateKey, generateKeyPairSync, sign } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import Provider from 'oidc-provider';

const [port, pages, cert, certKey] = process.argv.slice(2);
const issuer = `${cert ? 'https' : 'http'}://127.0.0.1:${port}`;
const SECRET = 'a-secret-of-the-tests-that-is-long-enough';
const GROUPS = { 宣传部: ['全体', '信息中心'], 值班室: ['舆情值班'], 李四: ['全体', '信息中心'] };

function key(kid) {
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  return { ...privateKey.export({ format: 'jwk' }), kid, use: 'sig', alg: 'RS256' };
}

let keys = [key('first')];
let wrong = '';
let inToken = true;
let codesAsked = 0;

function provider() {
  const made = new Provider(issuer, {
    clients: [{
      client_id: 'guanlan',
      client_secret: SECRET,
      redirect_uris: [`${pages}/login/oidc/callback`],
      post_logout_redirect_uris: [`${pages}/login`],
      grant_types: ['authorization_code'],
      response_types: ['code'],
    }],
    jwks: { keys },
    cookies: { keys: ['of the tests'] },
    claims: { openid: ['sub'], profile: ['preferred_username', 'name', 'groups'], email: ['email'] },
    conformIdTokenClaims: !inToken,
    pkce: { required: () => true },
    findAccount: (_, id) => ({
      accountId: id,
      claims: () => ({
        sub: id,
        preferred_username: id.replace(/^sub-/, ''),
        name: '张三丰',
        email: 'zhangsan@office.example',
        groups: GROUPS[id.replace(/^sub-/, '')] ?? [],
      }),
    }),
  });
  made.use(async (ctx, next) => {
    await next();
    if (ctx.path === '/token' && ctx.body?.id_token) ctx.body.id_token = spoilt(ctx.body.id_token);
    if (ctx.path === '/me' && wrong === 'another-user') ctx.body = { ...ctx.body, sub: 'sub-值班室' };
  });
  return made.callback();
}

const part = (value) => Buffer.from(JSON.stringify(value)).toString('base64url');

// The token as somebody would send it who is not to be believed.
function spoilt(token) {
  const [header, payload] = token.split('.').slice(0, 2).map((text) => JSON.parse(Buffer.from(text, 'base64url')));
  const signed = (head, body) => {
    const text = `${part(head)}.${part(body)}`;
    const privateKey = createPrivateKey({ key: keys[0], format: 'jwk' });
    return `${text}.${sign('sha256', Buffer.from(text), privateKey).toString('base64url')}`;
  };
  switch (wrong) {
    case 'nonce': return signed(header, { ...payload, nonce: 'of-another-login' });
    case 'audience': return signed(header, { ...payload, aud: 'another-client' });
    case 'audiences': return signed(header, { ...payload, aud: ['guanlan', 'another-client'] });
    case 'issuer': return signed(header, { ...payload, iss: 'http://127.0.0.1:1' });
    case 'expired': return signed(header, { ...payload, exp: payload.iat - 1 });
    case 'changed': return `${part(header)}.${part({ ...payload, preferred_username: '管理员' })}.${token.split('.')[2]}`;
    case 'none': return `${part({ alg: 'none' })}.${part(payload)}.`;
    case 'secret': {
      const text = `${part({ alg: 'HS256' })}.${part(payload)}`;
      return `${text}.${createHmac('sha256', SECRET).update(text).digest('base64url')}`;
    }
    case 'rotated-alone': return signed({ ...header, kid: 'unknown' }, payload);
    default: return token;
  }
}

let answer = provider();
function serve(request, response) {
  const [, control, what] = request.url.split('/');
  if (request.url === '/token') codesAsked += 1;
  if (control !== 'control') return answer(request, response);
  if (what === 'asked') return response.end(`${codesAsked}`);
  if (what === 'rotate') keys = [key(`${keys[0].kid}-next`)];
  else if (what === 'userinfo') inToken = false;
  else wrong = what;
  if (['rotate', 'userinfo'].includes(what)) answer = provider();
  return response.end('done');
}
const server = cert ? createTlsServer({ cert: readFileSync(cert), key: readFileSync(certKey) }, serve) : createServer(serve);
server.listen(Number(port), '127.0.0.1', () => console.log('ready'));
