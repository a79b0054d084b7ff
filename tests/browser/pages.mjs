// Every page of a house as whoever administers it sees it: name, address.
export const PAGES = [
  ['overview', '/'],
  ['overview-en', '/?lang=en'],
  ['alerts', '/alerts'],
  ['alerts-muted', '/alerts?show=muted'],
  ['alert', '/a/20261124-03'],
  ['alert-form', '/a/20261124-02?form=answer'],
  ['concern', '/c/%E6%95%B0%E6%8D%AE%E5%85%AC%E5%B8%83'],
  ['concern-week', '/c/%E6%95%B0%E6%8D%AE%E5%85%AC%E5%B8%83?range=7d'],
  ['report', '/report/%E6%95%B0%E6%8D%AE%E5%85%AC%E5%B8%83'],
  ['search', '/search?q=%E5%81%9C%E6%B0%B4%7C%E6%95%B0%E6%8D%AE'],
  ['search-start', '/search'],
  ['search-nothing', '/search?q=xyzzy'],
  ['search-mistake', '/search?q=%28%E5%81%9C%E6%B0%B4'],
  ['trial', '/concerns/new?words=%E5%81%9C%E6%B0%B4'],
  ['digests', '/digests'],
  ['digest', '/digest/2026-11-24'],
  ['week', '/digest/week/2026-11-23'],
  ['handover', '/handover'],
  ['topics', '/topics'],
  ['sources', '/sources'],
  ['settings', '/settings'],
  ['audit', '/audit'],
  ['api', '/api'],
];

/** The pages that a stranger sees. */
export const FOR_STRANGERS = [['login', '/login']];

export const MISSING = '/nowhere';
