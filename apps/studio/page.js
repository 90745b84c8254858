'use strict';
// The page of the fleet: no dependencies, no build step. Text goes into the page as text nodes only.

const words = {
  en: { skip: 'Skip to content', stop: 'Stop everything', go: 'Let things go on', lang: 'Português', overview: 'Overview', devices: 'Devices', versions: 'Versions', rollouts: 'Roll-outs',
    health: 'Health', jobs: 'Jobs', audit: 'Audit', key: 'Key', enter: 'Enter', keyhelp: 'The first jatai serve printed one. It stays in this tab only.', wrongkey: 'This key opens nothing.',
    silent: 'silent', active: 'active', consent: 'let their health be seen', running: 'roll-outs running', stopped: 'Everything is stopped: no device is offered anything.', nothing: 'Nothing here yet.',
    device: 'Device', board: 'Board', state: 'State', version: 'Version', seen: 'Last seen', reason: 'Reason', filter: 'Filter', search: 'Search', more: 'More', model: 'Model', accuracy: 'Accuracy', made: 'Made',
    latency: 'Latency, modelled', ram: 'RAM', flash: 'Flash', air: 'On air', sequence: 'Sequence', unsigned: 'not signed', pareto: 'Accuracy against modelled latency; the line joins the variants that no other beats in both',
    stage: 'Stage', targets: 'devices', offered: 'offered', installed: 'installed', failed: 'failed', returned: 'returned', exposed: 'ran it', start: 'Start', approve: 'Approve', pause: 'Pause', resume: 'Resume', abort: 'Abort and return',
    gate: 'Gate', well: 'well', sick: 'sick', quiet: 'silent', verdict: 'Verdict', undecided: 'not yet', blind: 'What the gate cannot see: outputs that look as before while their meaning has changed (concept drift). Only labelled feedback shows that.',
    cohort: 'Statistics of cohorts of {} devices and more; no device is in them', outputs: 'outputs', confidence: 'confidence', expected: 'expected accuracy', drifted: 'reports with drift', who: 'Who', what: 'What', when: 'When', log: 'Log', kind: 'Kind', cancel: 'Cancel',
    variants: 'Variants', why: 'Why', versionsof: 'Versions in the field', unknown: 'none known', failures: 'Failures', never: 'never', sure: 'Really stop everything?', reject: 'Reject', parent: 'from', toverdict: 'devices to a verdict: {} when good, {} when bad' },
  pt: { skip: 'Ir ao conteúdo', stop: 'Parar tudo', go: 'Deixar continuar', lang: 'English', overview: 'Visão geral', devices: 'Dispositivos', versions: 'Versões', rollouts: 'Implantações',
    health: 'Saúde', jobs: 'Tarefas', audit: 'Auditoria', key: 'Chave', enter: 'Entrar', keyhelp: 'O primeiro jatai serve mostrou uma. Ela fica só nesta aba.', wrongkey: 'Esta chave não abre nada.',
    silent: 'em silêncio', active: 'ativos', consent: 'deixam ver a saúde', running: 'implantações em curso', stopped: 'Tudo parado: nenhum dispositivo recebe oferta alguma.', nothing: 'Ainda não há nada aqui.',
    device: 'Dispositivo', board: 'Placa', state: 'Estado', version: 'Versão', seen: 'Visto', reason: 'Motivo', filter: 'Filtro', search: 'Buscar', more: 'Mais', model: 'Modelo', accuracy: 'Acurácia', made: 'Criada',
    latency: 'Latência, modelada', ram: 'RAM', flash: 'Flash', air: 'No ar', sequence: 'Sequência', unsigned: 'sem assinatura', pareto: 'Acurácia contra latência modelada; a linha une as variantes que nenhuma outra vence em ambas',
    stage: 'Etapa', targets: 'dispositivos', offered: 'com oferta', installed: 'instalados', failed: 'com falha', returned: 'devolvidos', exposed: 'executaram', start: 'Iniciar', approve: 'Aprovar', pause: 'Pausar', resume: 'Retomar', abort: 'Abortar e devolver',
    gate: 'Porteira', well: 'bem', sick: 'mal', quiet: 'em silêncio', verdict: 'Veredito', undecided: 'ainda não', blind: 'O que a porteira não vê: saídas que parecem as de antes enquanto seu sentido mudou (deriva de conceito). Só respostas rotuladas mostram isso.',
    cohort: 'Estatísticas de coortes de {} dispositivos ou mais; nenhum dispositivo está nelas', outputs: 'saídas', confidence: 'confiança', expected: 'acurácia esperada', drifted: 'relatos com deriva', who: 'Quem', what: 'O quê', when: 'Quando', log: 'Registro', kind: 'Tipo', cancel: 'Cancelar',
    variants: 'Variantes', why: 'Por quê', versionsof: 'Versões em campo', unknown: 'nenhuma conhecida', failures: 'Falhas', never: 'nunca', sure: 'Parar tudo mesmo?', reject: 'Rejeitar', parent: 'de', toverdict: 'dispositivos até o veredito: {} se bom, {} se ruim' },
};
let lang = localStorage.getItem('lang') || (navigator.language.startsWith('pt') ? 'pt' : 'en');
const t = (key, ...values) => { let i = 0; return (words[lang][key] || key).replace(/\{\}/g, () => values[i++]); };

// h('p', {class: 'soft'}, 'text', child…)
function h(tag, facts, ...children) {
  const e = /^(svg|rect|text|line|polyline|circle|g|title)$/.test(tag) ? document.createElementNS('http://www.w3.org/2000/svg', tag) : document.createElement(tag);
  for (const [name, value] of Object.entries(facts || {})) {
    if (name.startsWith('on')) e.addEventListener(name.slice(2), value); else if (value !== null && value !== undefined && value !== false) e.setAttribute(name, value);
  }
  for (const child of children.flat()) if (child !== null && child !== undefined) e.append(child);
  return e;
}
const when = (ms) => ms ? new Date(ms).toLocaleString(lang === 'pt' ? 'pt-BR' : 'en-GB') : t('never');
const short = (id) => id ? id.slice(0, 8) : '–';
const tone = (state) => ({ running: 'wait', waiting: 'wait', paused: 'wait', finished: 'good', approved: 'good', done: 'good', active: 'good', well: 'good', good: 'good', stopped: 'bad', aborted: 'bad', failed: 'bad', rejected: 'bad', revoked: 'bad', sick: 'bad', bad: 'bad' }[state] || 'soft');
const states = { pt: { draft: 'rascunho', waiting: 'à espera', running: 'em curso', paused: 'pausada', stopped: 'parada', aborted: 'abortada', finished: 'concluída', proposed: 'proposta', approved: 'aprovada', rejected: 'rejeitada',
  active: 'ativo', revoked: 'bloqueado', decommissioned: 'fora de serviço', done: 'feita', failed: 'falhou', cancelled: 'cancelada', good: 'bom', bad: 'ruim' } };
const mark = (state) => h('span', { class: tone(state) }, (states[lang] || {})[state] || state);

async function api(path, method = 'GET', body) {
  const answer = await fetch('/api/v1' + path, { method, headers: { Authorization: 'Bearer ' + sessionStorage.getItem('key') }, body: body ? JSON.stringify(body) : undefined });
  const said = await answer.json().catch(() => ({}));
  if (answer.status === 401) { sessionStorage.removeItem('key'); throw new Error(t('wrongkey')); }
  if (!answer.ok) throw new Error([said.error, said.hint].filter(Boolean).join(' — '));
  return said;
}

function table(heads, rows) {
  if (!rows.length) return h('p', { class: 'soft' }, t('nothing'));
  const number = (head) => head.startsWith('#') ? 'n' : null;
  return h('div', { class: 'scroll' }, h('table', {}, h('thead', {}, h('tr', {}, heads.map((x) => h('th', { class: number(x), scope: 'col' }, x.replace('#', ''))))),
    h('tbody', {}, rows.map((row) => h('tr', {}, row.map((cell, i) => h('td', { class: number(heads[i]) }, cell === '' || cell === null || cell === undefined ? '–' : cell)))))));
}
const card = (value, label, cls) => h('div', { class: 'card' }, h('b', { class: cls }, String(value)), label);
const link = (href, text) => h('a', { href }, text);

// Bars side by side; `label` is read out.
function bars(values, label, names) {
  const most = Math.max(1, ...values), w = 320, ht = 110, step = w / values.length;
  return h('svg', { viewBox: `0 0 ${w} ${ht}`, width: w, height: ht, role: 'img', 'aria-label': label }, values.map((v, i) =>
    h('rect', { class: 'bar', x: i * step + 1, y: 100 - 95 * v / most, width: step - 2, height: Math.max(0, 95 * v / most) }, h('title', {}, `${names ? names[i] : i}: ${v}`))),
    h('line', { class: 'axis', x1: 0, x2: w, y1: 100.5, y2: 100.5 }));
}

function stripe(parts) {  // [[value, class, name]…]
  const all = Math.max(1, parts.reduce((sum, p) => sum + p[0], 0));
  let at = 0;
  return h('svg', { viewBox: '0 0 600 18', width: '100%', height: 18, preserveAspectRatio: 'none', role: 'img', 'aria-label': parts.map((p) => `${p[0]} ${p[2]}`).join(', ') }, parts.map(([v, cls, name]) => {
    const x = at; at += 600 * v / all;
    return h('rect', { class: 'bar ' + cls, x, y: 0, width: Math.max(0, 600 * v / all), height: 18 }, h('title', {}, `${v} ${name}`));
  }));
}

function pareto(variants) {
  const dots = variants.filter((v) => v.accuracy > 0 && v.latency_us > 0);
  if (!dots.length) return null;
  const slow = Math.max(...dots.map((v) => v.latency_us)) * 1.1, low = Math.min(...dots.map((v) => v.accuracy)) - .02, high = Math.max(...dots.map((v) => v.accuracy)) + .02;
  const x = (v) => 50 + 520 * v.latency_us / slow, y = (v) => 220 - 200 * (v.accuracy - low) / (high - low);
  const front = dots.filter((a) => !dots.some((b) => (b.accuracy > a.accuracy && b.latency_us <= a.latency_us) || (b.accuracy >= a.accuracy && b.latency_us < a.latency_us))).sort((a, b) => a.latency_us - b.latency_us);
  return h('figure', { class: 'scroll' }, h('svg', { viewBox: '0 0 600 250', width: 600, height: 250, role: 'img', 'aria-label': t('pareto') },
    h('polyline', { class: 'axis', points: '50,10 50,220 590,220' }), h('text', { x: 4, y: 20 }, (100 * high).toFixed(0) + ' %'), h('text', { x: 4, y: 220 }, (100 * low).toFixed(0) + ' %'), h('text', { x: 500, y: 240 }, (slow / 1000).toFixed(1) + ' ms'),
    h('polyline', { class: 'front', points: front.map((v) => `${x(v)},${y(v)}`).join(' ') }),
    dots.map((v) => h('circle', { class: 'bar', cx: x(v), cy: y(v), r: 5 }, h('title', {}, `${v.board} ${v.precision}: ${(100 * v.accuracy).toFixed(1)} %, ${(v.latency_us / 1000).toFixed(2)} ms`)))), h('figcaption', { class: 'soft' }, t('pareto')));
}

const pages = {
  async overview() {
    const [report, rollouts, versions] = await Promise.all([api('/report'), api('/rollouts?limit=1000'), api('/versions?limit=1000')]);
    const name = (id) => { const v = versions.items.find((x) => x.id === id); return v ? `${v.model} ${v.name || short(id)}` : (id ? short(id) : t('unknown')); };
    const live = rollouts.items.filter((r) => ['running', 'paused', 'waiting'].includes(r.state));
    const parts = Object.entries(report.versions).sort((a, b) => b[1] - a[1]);
    return [h('h2', {}, t('overview')), report.stopped ? h('p', { class: 'alert', role: 'alert' }, t('stopped')) : null,
      h('div', { class: 'cards' }, card(report.devices, t('devices').toLowerCase()), card(report.states.active || 0, t('active'), 'good'), card(report.silent, t('silent'), report.silent ? 'bad' : ''), card(report.consent_health, t('consent')), card(live.length, t('running'), live.length ? 'wait' : '')),
      h('h3', {}, t('versionsof')), parts.length ? stripe(parts.map(([id, n], i) => [n, i === 0 ? 'good' : i === 1 ? '' : 'rest', name(id)])) : null, table([t('version'), '#' + t('devices')], parts.map(([id, n]) => [id ? link('#versions/' + id, name(id)) : name(id), n])),
      Object.keys(report.failures).length ? [h('h3', {}, t('failures')), table([t('reason'), '#' + t('devices')], Object.entries(report.failures))] : null,
      h('h3', {}, t('rollouts')), table([t('rollouts'), t('state'), '#' + t('installed')], rollouts.items.slice(-5).reverse().map((r) => [link('#rollouts/' + r.id, r.name || r.id), mark(r.state), `${r.installed} / ${r.targets}`]))];
  },
  async devices(id) {
    if (id) {
      const d = await api('/devices/' + encodeURIComponent(id));
      return [h('h2', {}, d.id), h('div', { class: 'cards' }, card(d.state, t('state'), tone(d.state)), card(d.board || '–', t('board')), card(short(d.reported), t('version')), card(d.sequence, t('sequence'))), h('p', { class: 'soft' }, `${t('seen')}: ${when(d.seen_ms)}`), d.reason ? h('p', { class: 'bad' }, d.reason) : null, h('pre', {}, JSON.stringify(d, null, 2))];
    }
    const asked = new URLSearchParams(location.hash.split('?')[1] || '');
    const filter = asked.get('filter') || '', list = await api(`/devices?limit=100&after=${encodeURIComponent(asked.get('after') || '')}&filter=${encodeURIComponent(filter)}`);
    const box = h('input', { name: 'filter', value: filter, size: 34, placeholder: 'board == nano33ble and firmware >= 1.4' });
    return [h('h2', {}, t('devices')), h('form', { onsubmit: (e) => { e.preventDefault(); location.hash = '#devices?filter=' + encodeURIComponent(box.value); } }, h('label', {}, t('filter'), box), h('button', {}, t('search'))),
      table([t('device'), t('board'), t('state'), t('version'), t('seen'), t('reason')], list.items.map((d) => [link('#devices/' + encodeURIComponent(d.id), d.id), d.board, mark(d.state), short(d.reported), when(d.seen_ms), d.reason])),
      list.next ? link(`#devices?filter=${encodeURIComponent(filter)}&after=${encodeURIComponent(list.next)}`, t('more')) : null];
  },
  async versions(id) {
    if (id) {
      const [v, line] = await Promise.all([api('/versions/' + encodeURIComponent(id)), api(`/versions/${encodeURIComponent(id)}/lineage`)]);
      const decide = (how) => h('button', { type: 'button', onclick: () => act(() => api(`/versions/${id}/${how}`, 'POST')) }, t(how));
      return [h('h2', {}, `${v.model} ${v.name}`), h('p', {}, mark(v.state), ' ', v.aliases.join(', '), ' ', h('span', { class: 'soft' }, `${when(v.created_ms)} · ${v.created_by}`)), v.state === 'proposed' ? h('p', {}, decide('approve'), ' ', decide('reject')) : null,
        h('p', { class: 'soft' }, line.nodes.map((n, i) => [i ? ' → ' : '', link('#versions/' + n.id, n.name || short(n.id))])), h('h3', {}, t('variants')),
        table([t('board'), t('state'), '#' + t('accuracy'), '#' + t('latency'), '#' + t('ram'), '#' + t('flash'), '#' + t('air'), '#' + t('sequence')], v.variants.map((x) => [x.board, `${x.form} ${x.precision}`, x.accuracy ? (100 * x.accuracy).toFixed(1) + ' %' : '', x.latency_us ? (x.latency_us / 1000).toFixed(2) + ' ms' : '', x.ram_bytes, x.flash_bytes, x.bytes_on_air, x.sequence || (x.artifacts.length ? '' : h('span', { class: 'wait' }, t('unsigned')))])), pareto(v.variants)];
    }
    const list = await api('/versions?limit=1000'), variants = await api('/variants?limit=1000');
    return [h('h2', {}, t('versions')), table([t('model'), t('version'), t('state'), '#' + t('accuracy'), t('made')], list.items.sort((a, b) => b.created_ms - a.created_ms).map((v) => [v.model, link('#versions/' + v.id, v.name || v.id), mark(v.state), v.accuracy ? (100 * v.accuracy).toFixed(1) + ' %' : '', when(v.created_ms)])), pareto(variants.items)];
  },
  async rollouts(id) {
    if (!id) {
      const list = await api('/rollouts?limit=1000');
      return [h('h2', {}, t('rollouts')), table([t('rollouts'), t('state'), t('stage'), '#' + t('offered'), '#' + t('installed'), '#' + t('failed'), '#' + t('returned'), t('reason')], list.items.reverse().map((r) => [link('#rollouts/' + r.id, r.name || r.id), mark(r.state), `${r.stage + 1} / ${r.plan.stages.length}`, r.offered, r.installed, r.failed, r.reverted, r.reason]))];
    }
    const r = await api('/rollouts/' + encodeURIComponent(id));
    const verbs = { draft: ['start', 'abort'], waiting: ['approve', 'abort'], running: ['pause', 'abort'], paused: ['resume', 'approve', 'abort'] }[r.state] || [];
    const d = r.devices_to_verdict;
    return [h('h2', {}, r.name || r.id), h('p', {}, mark(r.state), r.reason ? ' — ' + r.reason : ''), h('p', {}, verbs.map((v) => [h('button', { type: 'button', class: v === 'abort' ? 'danger' : null, onclick: () => act(() => api(`/rollouts/${id}/${v}`, 'POST')) }, t(v)), ' '])),
      stripe([[r.installed, 'good', t('installed')], [r.failed, 'bad', t('failed')], [Math.max(0, r.offered - r.installed - r.failed), '', t('offered')], [Math.max(0, r.targets - r.offered), 'rest', t('targets')]]),
      h('div', { class: 'cards' }, card(`${r.stage + 1} / ${r.plan.stages.length}`, t('stage')), card(r.targets, t('targets')), card(r.offered, t('offered')), card(r.installed, t('installed'), 'good'), card(r.failed, t('failed'), r.failed ? 'bad' : ''), card(r.exposed, t('exposed')), card(r.reverted, t('returned'))),
      h('h3', {}, t('gate')), table([t('board'), '#' + t('well'), '#' + t('sick'), '#' + t('quiet'), t('verdict')], Object.entries(r.gates).map(([name, g]) => [name || '*', g.well, g.sick, g.silent, g.verdict ? mark(g.verdict) : t('undecided')])),
      h('p', { class: 'soft' }, t('toverdict', d.if_good.toFixed(0), d.if_bad.toFixed(0))), h('p', { class: 'soft' }, t('blind')),
      (r.unfit || []).length ? table(['#' + t('devices'), t('why')], r.unfit.map((u) => [u.devices, u.why])) : null, h('pre', {}, JSON.stringify(r.plan, null, 2))];
  },
  async health() {
    const [list, tenant] = await Promise.all([api('/cohorts?limit=1000'), api('/tenant')]);
    return [h('h2', {}, t('health')), h('p', { class: 'soft' }, t('cohort', tenant.cohort_min)), list.items.length ? list.items.map((c) => h('section', { class: 'card' }, h('h3', {}, `${short(c.version)} · ${c.board}`),
      h('p', { class: 'soft' }, `${c.devices} ${t('devices').toLowerCase()}, ${c.reports} · ${t('expected')} ${(100 * c.expected_accuracy).toFixed(1)} % · ${c.drifted} ${t('drifted')} · ${when(c.last_ms)}`),
      c.output.length ? [h('div', { class: 'soft' }, t('outputs')), bars(c.output, t('outputs'))] : null, c.confidence.length ? [h('div', { class: 'soft' }, t('confidence')), bars(c.confidence, t('confidence'), c.confidence.map((_, i) => `${i}/16`))] : null)) : h('p', { class: 'soft' }, t('nothing'))];
  },
  async jobs(id) {
    if (id) { const j = await api('/jobs/' + encodeURIComponent(id)); return [h('h2', {}, j.kind), h('p', {}, mark(j.state), ' ', j.error), h('pre', { 'aria-label': t('log') }, j.log.join('\n')), h('pre', {}, JSON.stringify(j.result, null, 2))]; }
    const list = await api('/jobs?limit=1000');
    return [h('h2', {}, t('jobs')), table([t('kind'), t('state'), t('who'), t('when'), ''], list.items.reverse().slice(0, 200).map((j) => [link('#jobs/' + j.id, j.kind), mark(j.state), j.asked_by, when(j.created_ms), ['running', 'waiting'].includes(j.state) ? h('button', { type: 'button', onclick: () => act(() => api(`/jobs/${j.id}/cancel`, 'POST')) }, t('cancel')) : '']))];
  },
  async audit() {
    const list = await api('/audit?limit=200');
    return [h('h2', {}, t('audit')), table([t('when'), t('who'), t('what'), '', t('reason')], list.items.map((a) => [when(a.at_ms), `${a.who} (${a.role})`, a.what, a.target, a.note]))];
  },
};

function ask_key(why) {
  const box = h('input', { type: 'password', autocomplete: 'off', size: 44, id: 'key' });
  return [h('h2', {}, t('key')), why ? h('p', { class: 'alert', role: 'alert' }, why) : null, h('form', { onsubmit: (e) => { e.preventDefault(); sessionStorage.setItem('key', box.value.trim()); draw(); } }, h('label', {}, t('key'), box), h('button', {}, t('enter'))), h('p', { class: 'soft' }, t('keyhelp'))];
}

async function act(what) { try { await what(); } catch (e) { alert(e.message); } draw(); }

let drawing = 0, stopped = false;
async function draw(quiet) {
  const mine = ++drawing, main = document.getElementById('main');
  const [page, id] = location.hash.slice(1).split('?')[0].split('/');
  const name = pages[page] ? page : 'overview';
  document.documentElement.lang = lang;
  document.getElementById('nav').replaceChildren(...Object.keys(pages).map((p) => h('a', { href: '#' + p, 'aria-current': p === name ? 'page' : null }, t(p))));
  document.getElementById('lang').textContent = t('lang');
  document.querySelector('.skip').textContent = t('skip');
  if (!sessionStorage.getItem('key')) return main.replaceChildren(...ask_key().filter(Boolean));
  let parts;
  try {
    stopped = (await api('/tenant')).stopped;
    parts = await pages[name](id && decodeURIComponent(id));
  } catch (e) { if (quiet) return; parts = sessionStorage.getItem('key') ? [h('p', { class: 'alert', role: 'alert' }, e.message)] : ask_key(e.message); }
  document.getElementById('stop').textContent = stopped ? t('go') : t('stop');
  if (mine === drawing) main.replaceChildren(...parts.flat(3).filter(Boolean));
}

document.getElementById('lang').onclick = () => { lang = lang === 'pt' ? 'en' : 'pt'; localStorage.setItem('lang', lang); draw(); };
document.getElementById('stop').onclick = () => { if (sessionStorage.getItem('key') && (stopped || confirm(t('sure')))) act(() => api(stopped ? '/go' : '/stop', 'POST')); };
addEventListener('hashchange', () => { draw(); document.getElementById('main').focus(); });
setInterval(() => { const busy = ['INPUT', 'SELECT', 'BUTTON'].includes((document.activeElement || {}).tagName); if (!document.hidden && !busy && sessionStorage.getItem('key')) draw(true); }, 3000);
draw();
