// Draws /graph.json, which has a place for everything already. Elements are kept from one reading to the next, so that
// focus and selection stay. All text from outside goes through textContent or setAttribute.
import { rate, percent, duration, bytes, grouped, shortened, shortIdentity } from './format.js';

const INTERVAL = 2000;
const MIN_SCALE = 0.8;
const MAX_SCALE = 1.3;
const SVG = 'http://www.w3.org/2000/svg';
const SECURITY = { mutual_tls: 'mutual TLS', plaintext: 'plaintext', mixed: 'mTLS and plaintext', unknown: 'not known' };
const KIND = { workload: 'in the mesh', service: 'service, no workload seen', outside: 'outside the mesh' };
const at = id => document.getElementById(id);
let last = null;

function set(element, attributes) {
  for (const [name, value] of Object.entries(attributes)) {
    if (element.getAttribute(name) !== String(value)) element.setAttribute(name, value);
  }
  return element;
}

function text(element, value) {
  if (element.textContent !== value) element.textContent = value;
}

// Text of SVG that never leaves its box, whatever the font: squeezed where it is too long.
function fit(element, value, width) {
  if (element.textContent === value && element.dataset.room === String(width)) return;
  element.textContent = value;
  element.dataset.room = width;
  element.removeAttribute('textLength');
  if (value && element.getComputedTextLength() > width) set(element, { textLength: width, lengthAdjust: 'spacingAndGlyphs' });
}

// Children of parent by key: made where missing, removed where gone, in the order of items.
function keyed(parent, items, keyOf, make) {
  const old = new Map([...parent.children].map(child => [child.dataset.key, child]));
  items.forEach((item, i) => {
    const key = keyOf(item);
    const child = old.get(key) ?? make();
    old.delete(key);
    child.dataset.key = key;
    if (parent.children[i] !== child) parent.insertBefore(child, parent.children[i] ?? null);
  });
  old.forEach(child => child.remove());
  return [...parent.children];
}

function make(...names) {
  const [outer, ...inner] = names.map(name => {
    const [tag, type] = name.split('.');
    const element = document.createElementNS(SVG, tag);
    if (type) element.setAttribute('class', type);
    return element;
  });
  outer.append(...inner);
  return outer;
}

const edgeKey = edge => edge.from + ' → ' + edge.to;

const nodeNames = graph => new Map(graph.nodes.map(node => [node.id, node.name + (node.version ? ' ' + node.version : '')]));

function condition(edge) {
  const requests = edge.requests;
  if (requests && requests.failedPerSecond > 0) return 'failing';
  if (requests && requests.refusedPerSecond > 0) return 'refusing';
  const busy = requests && requests.perSecond > 0 || edge.tcp && (edge.tcp.open > 0 || edge.tcp.openedPerSecond > 0);
  return busy ? '' : 'idle';
}

function lines(edge, measured) {
  const all = [];
  const { requests, tcp } = edge;
  if (requests) {
    if (requests.perSecond > 0) {
      const bad = requests.failedPerSecond > 0
          ? percent(requests.failedPerSecond, requests.perSecond) + ' fail'
          : requests.refusedPerSecond > 0 ? percent(requests.refusedPerSecond, requests.perSecond) + ' 4xx' : '0 % err';
      all.push(rate(requests.perSecond) + '/s · ' + bad);
      all.push('p50 ' + bare(requests.p50) + ' · p99 ' + duration(requests.p99));
    } else {
      all.push(measured ? 'idle' : 'measuring…', grouped(requests.total) + ' requests');
    }
  }
  if (tcp) {
    const flow = bytes(tcp.sentPerSecond + tcp.receivedPerSecond) + '/s';
    if (requests) all.push('TCP ' + grouped(tcp.open) + ' open · ' + flow);
    else all.push('TCP ' + grouped(tcp.open) + ' open', tcp.openedPerSecond > 0 || tcp.open > 0 ? flow : grouped(tcp.total) + ' so far');
  }
  return all;
}

const bare = millis => millis === null ? '–' : millis < 10 ? millis.toFixed(1) : String(Math.round(millis));

function words(edge, names) {
  const parts = [names.get(edge.from) + ' calls ' + names.get(edge.to), SECURITY[edge.security]];
  const requests = edge.requests;
  if (requests) {
    parts.push(rate(requests.perSecond) + ' requests a second, ' + percent(requests.failedPerSecond, requests.perSecond) + ' failed, '
        + percent(requests.refusedPerSecond, requests.perSecond) + ' refused');
    if (requests.p50 !== null) parts.push('half within ' + duration(requests.p50) + ', 99 % within ' + duration(requests.p99));
  }
  if (edge.tcp) parts.push(grouped(edge.tcp.open) + ' TCP connections open, ' + bytes(edge.tcp.sentPerSecond) + '/s sent, '
      + bytes(edge.tcp.receivedPerSecond) + '/s received');
  if (edge.sourceIdentity) parts.push('as ' + edge.sourceIdentity);
  if (edge.destinationIdentity) parts.push('to ' + edge.destinationIdentity);
  return parts.join('; ');
}

function draw(graph) {
  const svg = at('graph');
  const room = at('scroll').clientWidth;
  const scale = Math.min(MAX_SCALE, Math.max(MIN_SCALE, room / Math.max(1, graph.width)));
  set(svg, { viewBox: `0 0 ${graph.width} ${graph.height}`, width: Math.floor(graph.width * scale), height: Math.ceil(graph.height * scale) });
  at('more').hidden = graph.width * scale <= room;
  const names = nodeNames(graph);
  const drawn = graph.edges.filter(edge => edge.path);
  keyed(at('paths'), drawn, edgeKey, () => make('path')).forEach((path, i) => {
    const edge = drawn[i];
    const requests = edge.requests ? edge.requests.perSecond : 0;
    const width = 1.6 + Math.min(2.4, Math.log10(1 + requests));
    set(path, {
      d: edge.path, class: ['line', edge.security, condition(edge)].join(' '),
      [edge.backwards ? 'marker-start' : 'marker-end']: 'url(#arrow)', 'data-from': edge.from, 'data-to': edge.to,
    });
    path.style.strokeWidth = condition(edge) === 'idle' ? '' : width + 'px';
  });
  keyed(at('labels'), drawn, edgeKey, makeLabel).forEach((label, i) => fillLabel(label, drawn[i], graph.measured, names));
  const placed = graph.nodes.filter(node => node.box);
  keyed(at('nodes'), placed, node => node.id, makeNode).forEach((element, i) => fillNode(element, placed[i]));
}

function makeLabel() {
  const label = make('g', 'title', 'rect', 'path.lock', 'text.first', 'text.second', 'text.second');
  set(label, { tabindex: 0, role: 'img' });
  set(label.children[1], { rx: 6 });
  return label;
}

function fillLabel(label, edge, measured, names) {
  const { x, y, width, height } = edge.label;
  const [title, rect, lock, ...rows] = label.children;
  const said = words(edge, names);
  set(label, { class: ['label', edge.security, condition(edge)].join(' '), 'aria-label': said, 'data-from': edge.from, 'data-to': edge.to });
  text(title, said);
  set(rect, { x, y, width, height });
  const open = edge.security === 'plaintext' || edge.security === 'mixed';
  const left = x + 7, top = y + 8;
  set(lock, { d: edge.security === 'unknown' ? '' : `M${left} ${top + 5}h8v6h-8zM${left + 1.5} ${top + 5}v-2a2.5 2.5 0 0 1 5 0${open ? '' : 'v2'}` });
  const shown = lines(edge, measured);
  rows.forEach((row, i) => {
    const left = i === 0 && edge.security !== 'unknown' ? 20 : 7;
    set(row, { x: x + left, y: y + 17 + i * 15 });
    fit(row, shortened(shown[i] ?? '', 28), width - left - 6);
  });
}

function makeNode() {
  const node = make('g', 'title', 'rect', 'text.title', 'text.second', 'text.third');
  set(node, { tabindex: 0, role: 'img' });
  set(node.children[1], { rx: 8 });
  return node;
}

function fillNode(element, node) {
  const { x, y, width, height } = node.box;
  const [title, rect, name, second, third] = element.children;
  const said = [node.name, node.namespace && 'namespace ' + node.namespace, node.version && 'version ' + node.version,
    KIND[node.kind], node.identity].filter(Boolean).join(', ');
  set(element, { class: 'node ' + node.kind, 'aria-label': said, 'data-node': node.id });
  text(title, said);
  set(rect, { x, y, width, height });
  [name, second, third].forEach((row, i) => set(row, { x: x + 10, y: y + 21 + i * 17 }));
  const short = node.identity ? shortIdentity(node.identity) : node.kind === 'outside' ? 'outside the mesh' : '';
  fit(name, shortened(node.name, 18), width - 20);
  fit(second, shortened([node.namespace, node.version].filter(Boolean).join(' · '), 22), width - 20);
  fit(third, shortened(short, 24), width - 20);
}

// What is pointed at or focused keeps its colour, and what it talks to.
function choose(event) {
  const target = event?.target?.closest?.('.node, .label');
  const svg = at('graph');
  svg.classList.toggle('chosen', Boolean(target));
  const { node, from, to } = target?.dataset ?? {};
  const touches = element => node ? element.dataset.from === node || element.dataset.to === node
      : element.dataset.from === from && element.dataset.to === to;
  const ends = new Set();
  for (const element of svg.querySelectorAll('[data-from]')) {
    const on = touches(element);
    element.classList.toggle('fade', !on);
    if (on) ends.add(element.dataset.from).add(element.dataset.to);
  }
  for (const element of svg.querySelectorAll('.node')) {
    element.classList.toggle('fade', !(element.dataset.node === node || ends.has(element.dataset.node)));
  }
}

function row(...classes) {
  const tr = document.createElement('tr');
  classes.forEach((type, i) => {
    const cell = document.createElement(i === 0 ? 'th' : 'td');
    if (i === 0) cell.scope = 'row';
    if (type) cell.className = type;
    tr.append(cell);
  });
  return tr;
}

function tables(graph) {
  const names = nodeNames(graph);
  keyed(at('edges'), graph.edges, edgeKey, () => row('', 'name', '', 'number', 'number', 'number', 'number', 'number', 'number', 'id')).forEach((tr, i) => {
    const edge = graph.edges[i];
    const { requests, tcp } = edge;
    const cells = [
      names.get(edge.from), names.get(edge.to),
      SECURITY[edge.security],
      requests ? rate(requests.perSecond) : '–',
      requests ? percent(requests.failedPerSecond, requests.perSecond) : '–',
      requests ? percent(requests.refusedPerSecond, requests.perSecond) : '–',
      requests ? duration(requests.p50) : '–', requests ? duration(requests.p99) : '–',
      tcp ? grouped(tcp.open) + ' open\n' + bytes(tcp.sentPerSecond + tcp.receivedPerSecond) + '/s' : '–',
      edge.sourceIdentity || edge.destinationIdentity ? (edge.sourceIdentity || 'no identity') + '\n→ ' + (edge.destinationIdentity || 'no identity') : 'no identity',
    ];
    cells.forEach((value, j) => text(tr.children[j], value));
    tr.children[2].className = edge.security;
    tr.children[4].className = 'number' + (requests && requests.failedPerSecond > 0 ? ' failing' : '');
    tr.children[5].className = 'number' + (requests && requests.refusedPerSecond > 0 ? ' refusing' : '');
  });
  keyed(at('hosts'), graph.nodes, node => node.id, () => row('', '', '', '', 'id')).forEach((tr, i) => {
    const node = graph.nodes[i];
    [node.name, node.namespace || '–', node.version || '–', KIND[node.kind], node.identity || 'none'].forEach((value, j) => text(tr.children[j], value));
    tr.children[3].className = node.kind;
  });
}

function summary(graph) {
  const sum = pick => graph.edges.reduce((all, edge) => all + (edge.requests ? pick(edge.requests) : 0), 0);
  const requests = sum(r => r.perSecond), failed = sum(r => r.failedPerSecond), refused = sum(r => r.refusedPerSecond);
  const http = graph.edges.filter(edge => edge.requests || edge.tcp);
  const secure = http.filter(edge => edge.security === 'mutual_tls').length;
  const facts = [
    ['requests/s on all edges', graph.measured ? rate(requests) : '…', false],
    ['failed', percent(failed, requests), failed > 0],
    ['refused', percent(refused, requests), false],
    ['edges with mutual TLS', secure + ' of ' + http.length, false],
    ['workloads', String(graph.nodes.filter(node => node.kind === 'workload').length), false],
  ];
  keyed(at('summary'), facts, fact => fact[0], () => {
    const div = document.createElement('div');
    div.append(document.createElement('dt'), document.createElement('dd'));
    return div;
  }).forEach((div, i) => {
    text(div.children[0], facts[i][0]);
    text(div.children[1], facts[i][1]);
    div.children[1].className = facts[i][2] ? 'bad' : '';
  });
  text(at('name'), graph.name);
  document.title = 'Lateen · ' + graph.name;
  const problems = Object.entries(graph.problems).map(([who, why]) => who + ' does not answer: ' + why);
  at('problems').hidden = problems.length === 0;
  text(at('problems'), problems.join('\n'));
}

function show(graph) {
  last = graph;
  summary(graph);
  draw(graph);
  tables(graph);
}

async function refresh() {
  const state = at('state');
  try {
    const response = await fetch('graph.json', { cache: 'no-store' });
    if (!response.ok) throw new Error('status ' + response.status);
    show(await response.json());
    text(state, last.measured ? 'live: the last ten seconds' : 'measuring…');
    state.className = '';
  } catch (error) {
    text(state, 'the dashboard does not answer (' + error.message + '); this is the last picture');
    state.className = 'away';
  }
  // A page that nobody looks at asks for nothing.
  if (document.hidden) await new Promise(done => document.addEventListener('visibilitychange', done, { once: true }));
  setTimeout(refresh, INTERVAL);
}

for (const type of ['focusin', 'mouseover']) at('graph').addEventListener(type, choose);
for (const type of ['focusout', 'mouseleave']) at('graph').addEventListener(type, () => choose());
addEventListener('resize', () => { if (last) draw(last); });
refresh();
