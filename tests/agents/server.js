#!/usr/bin/env node
// SPDX-License-Identifier: MIT
// The same, as npx starts it: below an npm and a shell.
const lines = require('readline').createInterface({ input: process.stdin });
lines.on('line', (line) => {
	let message, result = {};
	try {
		message = JSON.parse(line);
	} catch {
		return;
	}
	if (message.id === undefined || !message.method)
		return;
	if (message.method === 'initialize')
		result = { protocolVersion: message.params.protocolVersion, capabilities: { tools: {} },
			serverInfo: { name: 'deaf', version: '1' } };
	else if (message.method === 'tools/list')
		result = { tools: [{ name: 'noop', description: 'does nothing',
			inputSchema: { type: 'object', properties: {} } }] };
	console.log(JSON.stringify({ jsonrpc: '2.0', id: message.id, result }));
});
lines.on('close', () => {
	if (process.argv.includes('--deaf'))
		setInterval(() => {}, 1e6);
	else
		process.exit(0);
});
