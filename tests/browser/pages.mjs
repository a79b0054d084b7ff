// Every page of a house as whoever administers it sees it: name, address.
export const PAGES = [
  ['overview', '/'],
  ['overview-en', '/?lang=en'],
  ['alerts', '/alerts'],
  ['alerts-muted', '/alerts?show=muted'],
  ['alert', '/a/20261124-03'],
  ['alert-form', '/a/20261124-02?form=answer'],
  ['concerns', '/concerns'],
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

/** The pages that tell somebody who has just begun where to begin; its one concern is `water`. */
export const FRESH = [
  ['fresh-overview', '/'],
  ['fresh-overview-en', '/?lang=en'],
  ['fresh-concerns', '/concerns'],
  ['fresh-concern', '/c/water'],
  ['fresh-alerts', '/alerts'],
  ['fresh-search', '/search?q=%E5%81%9C%E6%B0%B4'],
  ['fresh-digests', '/digests'],
  ['fresh-handover', '/handover'],
  ['fresh-topics', '/topics'],
  ['fresh-sources', '/sources'],
  ['fresh-report', '/report/water'],
  ['fresh-settings', '/settings'],
  ['fresh-trial', '/concerns/new?words=%E5%81%9C%E6%B0%B4&run=1'],
];

/** What a stranger sees where people log in elsewhere, and nobody has an account yet. */
export const AT_THE_DOOR = [['door', '/login'], ['door-en', '/login?lang=en']];

export const MISSING = '/nowhere';
export const UNREADABLE = '/a/%FF';
