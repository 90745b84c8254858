// The report page: one playhead over sound, words, scores and LED; small sounds; the copy buttons.
// Everything shown comes from the payload; names go into the page as text or onto a canvas, never as HTML.
'use strict';
const { say, track } = JSON.parse(document.getElementById('payload').textContent);
const at = id => document.getElementById(id);
const bytes = base64 => Uint8Array.from(atob(base64), c => c.charCodeAt(0));
const clamp = (x, low, high) => Math.min(Math.max(x, low), high);

// ---- pictures of sound: from night over violet to honey ----
const stops = [[16, 12, 34], [62, 24, 92], [140, 42, 110], [222, 90, 66], [250, 170, 40], [255, 244, 190]];
const shades = Array.from({ length: 256 }, (_, i) => {
  const x = i / 255 * (stops.length - 1), k = Math.min(Math.floor(x), stops.length - 2);
  return stops[k].map((c, j) => c + (stops[k + 1][j] - c) * (x - k));
});
function paint(canvas, frames, bins, values) {
  canvas.width = frames;
  canvas.height = bins;
  const context = canvas.getContext('2d'), image = context.createImageData(frames, bins);
  for (let x = 0; x < frames; x++)
    for (let y = 0; y < bins; y++)
      image.data.set([...shades[values[x * bins + y]], 255], ((bins - 1 - y) * frames + x) * 4);
  context.putImageData(image, 0, 0);
  return canvas;
}
for (const canvas of document.querySelectorAll('canvas.mel'))
  paint(canvas, +canvas.dataset.frames, +canvas.dataset.bins, bytes(canvas.dataset.values));

// ---- small sounds: one at a time, a round button instead of the browser's controls ----
const sounds = [...document.querySelectorAll('audio')];
for (const sound of sounds)
  sound.addEventListener('play', () => sounds.forEach(other => other === sound || other.pause()));
for (const sound of document.querySelectorAll('.clip audio')) {
  const button = document.createElement('button');
  const show = () => {
    button.textContent = sound.paused ? '▶' : '❚❚';
    button.setAttribute('aria-label', (sound.paused ? say.play : say.pause) + ': ' + sound.getAttribute('aria-label'));
  };
  button.type = 'button';
  button.onclick = () => sound.paused ? sound.play() : sound.pause();
  for (const event of ['play', 'pause', 'ended']) sound.addEventListener(event, show);
  sound.controls = false;
  sound.after(button);
  show();
}

// ---- commands to copy ----
for (const block of document.querySelectorAll('.command')) {
  const button = document.createElement('button'), text = block.textContent;
  button.type = 'button';
  button.textContent = say.copy;
  button.onclick = async () => {
    try {
      await navigator.clipboard.writeText(text);
      button.textContent = say.copied;
    } catch {
      getSelection().selectAllChildren(block.firstChild);
    }
  };
  block.append(button);
}

// ---- the time axis ----
function start(track) {
  const audio = at('audio'), canvas = at('timeline'), overview = at('overview'), stage = document.querySelector('.stage');
  const meters = [...at('meters').children], led = at('led-now').lastElementChild;
  const total = track.seconds, curves = track.scores.curves.map(([label, values]) => [label, bytes(values)]);
  const times = track.scores.times, outline = bytes(track.outline), columns = outline.length / 2;
  const picture = track.picture.frames
    ? paint(document.createElement('canvas'), track.picture.frames, track.picture.bins, bytes(track.picture.values)) : null;
  const name = i => track.labels[i]?.[0] ?? '', color = i => track.labels[i]?.[1] ?? '#888';
  const soft = '#9aa3ab', rule = '#2c333b', bright = '#ece8df', honey = '#ffb83d';
  const marks = { right: '#5fdca4', wrong: '#ff8d85', missed: '#ffcf5e' };
  const font = size => size + 'px system-ui, sans-serif';
  let now = track.leds.length ? Math.min(track.leds[0][1] + 0.2, track.leds[0][2]) : 0;  // a lit LED greets
  let untouched = true, from = 0, span = Math.min(total, canvas.clientWidth < 600 ? 8 : 16);

  const clock = t => Math.floor(t / 60) + ':' + (t % 60).toFixed(1).padStart(4, '0').replace('.', say.decimal);
  const lit = t => track.leds.find(([, a, b]) => t >= a && t < b);
  function score_index(t) {  // the last score known at t
    let low = 0, high = times.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (times[middle] <= t) low = middle + 1; else high = middle;
    }
    return low - 1;
  }

  // A canvas as sharp as the screen. Gives its context and its size in CSS pixels.
  function fit(canvas) {
    const width = canvas.clientWidth, height = canvas.clientHeight, ratio = devicePixelRatio || 1;
    if (canvas.width !== Math.round(width * ratio) || canvas.height !== Math.round(height * ratio)) {
      canvas.width = Math.round(width * ratio);
      canvas.height = Math.round(height * ratio);
    }
    const c = canvas.getContext('2d');
    c.setTransform(ratio, 0, 0, ratio, 0, 0);
    c.clearRect(0, 0, width, height);
    return { c, width, height };
  }
  const gutter = () => canvas.clientWidth < 600 ? 0 : 84;

  function wave(c, x0, width, a, b, middle, half, paint) {
    c.fillStyle = paint;
    for (let x = 0; x < width; x++) {
      const first = Math.floor((a + (b - a) * x / width) / total * columns);
      const last = Math.max(first + 1, Math.floor((a + (b - a) * (x + 1) / width) / total * columns));
      let low = 255, high = 0;
      for (let i = Math.max(first, 0); i < Math.min(last, columns); i++) {
        low = Math.min(low, outline[2 * i]);
        high = Math.max(high, outline[2 * i + 1]);
      }
      if (high >= low) c.fillRect(x0 + x, middle - (high - 128) / 128 * half, 1, Math.max((high - low) / 128 * half, 1));
    }
  }

  function box(c, x, y, width, height, fill, stroke) {
    c.beginPath();
    c.roundRect(x, y, Math.max(width, 2), height, 4);
    if (fill) { c.fillStyle = fill; c.fill(); }
    if (stroke) { c.strokeStyle = stroke; c.lineWidth = 1.5; c.stroke(); }
  }
  // Text in the middle of `width`; from its start when it needs the `room` behind; cut when that is short too.
  function inside(c, text, x, y, width, room) {
    const fits = c.measureText(text).width <= width - 6;
    let shown = text;
    while (shown.length > 1 && c.measureText(shown).width > Math.max(width, room) - 6) shown = shown.slice(0, shown.endsWith('…') ? -2 : -1) + '…';
    c.textAlign = fits ? 'center' : 'left';
    c.fillText(shown, fits ? x + width / 2 : x + 4, y);
    c.textAlign = 'center';
  }

  function draw_lanes() {
    const { c, width, height } = fit(canvas), x0 = gutter(), x = t => x0 + (t - from) / span * (width - x0);
    const seen = (a, b) => b >= from && a <= from + span;
    const lane = (title, y) => {
      c.fillStyle = soft; c.font = font(12); c.textAlign = 'left';
      if (x0) c.fillText(title, 2, y);
    };
    c.textBaseline = 'middle';
    c.save();
    c.beginPath(); c.rect(x0, 0, width - x0, height); c.clip();
    const step = [0.5, 1, 2, 5, 10, 20, 30, 60, 120, 300].find(s => s / span * (width - x0) > 64) ?? 600;
    c.font = font(11); c.textAlign = 'center';
    for (let t = Math.ceil(from / step) * step; t <= from + span; t += step) {
      c.fillStyle = rule; c.fillRect(x(t), 0, 1, height - 18);
      c.fillStyle = soft; c.fillText(Math.floor(t / 60) + ':' + String(t % 60).padStart(2, '0').replace('.', say.decimal), clamp(x(t), x0 + 14, width - 14), height - 8);
    }
    wave(c, x0, width - x0, from, from + span, 24, 22, '#c9d2da');
    if (picture) c.drawImage(picture, from / total * picture.width, 0, span / total * picture.width, picture.height, x0, 52, width - x0, 62);

    c.font = '600 ' + font(12);
    for (const [i, [label, a, b, missed]] of track.words.entries()) if (seen(a, b)) {
      if (missed) c.setLineDash([4, 3]);
      box(c, x(a), 122, x(b) - x(a), 24, missed ? null : color(label) + '40', missed ? marks.missed : color(label));
      c.setLineDash([]);
      c.fillStyle = missed ? marks.missed : bright;
      inside(c, name(label), x(a), 135, x(b) - x(a), x(track.words[i + 1]?.[1] ?? total) - x(a));
    }

    const top = 154, base = 236, y = v => base - v / 255 * (base - top);
    c.fillStyle = '#1b2026'; c.fillRect(x0, top, width - x0, base - top);
    if (track.scores.threshold !== undefined) {
      c.strokeStyle = soft; c.setLineDash([4, 4]); c.lineWidth = 1;
      c.beginPath(); c.moveTo(x0, y(track.scores.threshold * 255)); c.lineTo(width, y(track.scores.threshold * 255)); c.stroke(); c.setLineDash([]);
    }
    const first = Math.max(score_index(from), 0);
    for (const [label, values] of curves) {
      c.strokeStyle = color(label); c.lineWidth = 1.8; c.lineJoin = 'round'; c.beginPath();
      for (let i = first; i < times.length; i++) {
        i === first ? c.moveTo(x(times[i]), y(values[i])) : c.lineTo(x(times[i]), y(values[i]));
        if (times[i] > from + span) break;
      }
      c.stroke();
    }

    for (const [label, a, b] of track.leds) if (seen(a, b)) {
      c.shadowColor = color(label); c.shadowBlur = 10;
      box(c, x(a), 244, x(b) - x(a), 22, color(label));
      c.shadowBlur = 0; c.fillStyle = '#0b0d10'; c.font = '600 ' + font(12);
      inside(c, name(label), x(a), 256, x(b) - x(a), 0);
    }
    c.font = '700 ' + font(15);
    for (const [, t, right] of track.detections) if (seen(t, t)) {
      c.fillStyle = right ? marks.right : marks.wrong;
      c.fillText(right ? '✓' : '✗', clamp(x(t) + 7, x0, width), 284);
    }
    c.fillStyle = marks.missed;
    for (const [, a, b, missed] of track.words) if (missed && seen(a, b)) c.fillText('○', x((a + b) / 2), 284);
    c.fillStyle = honey; c.fillRect(x(now) - 1, 0, 2, height - 18);
    c.beginPath(); c.moveTo(x(now) - 6, 0); c.lineTo(x(now) + 6, 0); c.lineTo(x(now), 8); c.fill();
    c.restore();
    lane(say.sound, 24); lane(say.words, 135); lane(say.scores, (top + base) / 2); lane(say.led, 256); lane(say.verdict, 284);
  }

  function draw_overview() {
    const { c, width, height } = fit(overview), x = t => t / total * width;
    box(c, 0, 0, width, height, '#1b2026');
    wave(c, 0, width, 0, total, height / 2 - 3, height / 2 - 5, '#5b6670');
    for (const [label, a, b] of track.leds) { c.fillStyle = color(label); c.fillRect(x(a), height - 8, Math.max(x(b) - x(a), 2), 4); }
    for (const [, t, right] of track.detections) if (!right) { c.fillStyle = marks.wrong; c.fillRect(x(t) - 1, 0, 3, 5); }
    for (const [, a, , missed] of track.words) if (missed) { c.fillStyle = marks.missed; c.fillRect(x(a) - 1, 0, 3, 5); }
    if (span < total) box(c, x(from) + 1, 1, x(from + span) - x(from) - 2, height - 2, '#ffffff14', soft);
    c.fillStyle = honey; c.fillRect(x(now) - 1, 0, 2, height);
  }

  function show() {
    if (now < from || now > from + span || !audio.paused) from = clamp(now - span * 0.4, 0, total - span);
    const shining = lit(now), i = score_index(now);
    stage.style.setProperty('--led-on', shining ? 1 : 0);
    if (shining) stage.style.setProperty('--led', color(shining[0]));
    led.textContent = shining ? name(shining[0]) : say.dark;
    meters.forEach(meter => meter.style.setProperty('--v', 0));
    for (const [label, values] of curves) if (i >= 0) meters[label]?.style.setProperty('--v', values[i] / 255);
    const strong = document.createElement('b');
    strong.textContent = clock(now);
    at('clock').replaceChildren(strong, ' / ' + clock(total));
    canvas.setAttribute('aria-valuenow', now.toFixed(1));
    canvas.setAttribute('aria-valuetext', clock(now) + ' ' + led.textContent);
    draw_lanes();
    draw_overview();
  }

  function seek(t) {
    untouched = false;
    now = clamp(t, 0, total);
    audio.currentTime = now;
    show();
  }
  function zoom(to) {
    span = clamp(to, Math.min(2, total), total);
    from = clamp(now - span * 0.4, 0, total - span);
    show();
  }
  function follow() {
    now = Math.min(audio.currentTime, total);
    show();
    if (!audio.paused) requestAnimationFrame(follow);
  }
  function toggle() {
    if (!audio.paused) return audio.pause();
    if (untouched || now >= total - 0.05) seek(0);
    audio.play();
  }
  function show_button() {
    const label = audio.paused ? say.play : say.pause;
    at('play').textContent = audio.paused ? '▶' : '❚❚';
    at('play').title = label;
    at('play').setAttribute('aria-label', label);
    if (!audio.paused) follow();
  }

  at('play').onclick = toggle;
  for (const event of ['play', 'pause', 'ended']) audio.addEventListener(event, show_button);
  at('zoom-in').onclick = () => zoom(span / 1.6);
  at('zoom-out').onclick = () => zoom(span * 1.6);
  at('zoom-fit').onclick = () => zoom(total);
  const drag = (element, time_at) => {
    const move = event => { if (event.buttons & 1) seek(time_at(event.offsetX)); };
    element.addEventListener('pointerdown', event => { element.setPointerCapture(event.pointerId); move(event); });
    element.addEventListener('pointermove', move);
  };
  drag(canvas, x => from + clamp((x - gutter()) / (canvas.clientWidth - gutter()), 0, 1) * span);
  drag(overview, x => x / overview.clientWidth * total);
  const keys = { ArrowLeft: () => now - 1, ArrowRight: () => now + 1, Home: () => 0, End: () => total };
  canvas.addEventListener('keydown', event => {
    if (event.key === ' ') toggle(); else if (keys[event.key]) seek(keys[event.key]()); else return;
    event.preventDefault();
  });
  for (const button of document.querySelectorAll('.seek'))
    button.onclick = () => { seek(+button.dataset.seek); at('board').scrollIntoView(); };
  canvas.setAttribute('aria-valuemax', total.toFixed(1));
  new ResizeObserver(show).observe(canvas);
  show();
}
if (track) start(track); else document.querySelector('.stage').classList.add('static');
