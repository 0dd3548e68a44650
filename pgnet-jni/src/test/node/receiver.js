// A receiver that verifies what comes, by the library standardwebhooks of npm: status 204 when it is right, else 400 and why.
// Arguments: the keys that it knows, one of which must have signed. Prints its port.
const http = require('http');
const { Webhook } = require('standardwebhooks');

const keys = process.argv.slice(2);

function verify(body, headers) {
  const reasons = [];
  for (const key of keys) {
    try {
      // Not every body is JSON.
      new Webhook(key).verify(body, headers, { jsonParse: false });
      return '';
    } catch (error) {
      reasons.push(String(error));
    }
  }
  return reasons.join('; ');
}

const server = http.createServer((request, response) => {
  const parts = [];
  request.on('data', (part) => parts.push(part));
  request.on('end', () => {
    const problem = verify(Buffer.concat(parts).toString('utf8'), request.headers);
    response.writeHead(problem === '' ? 204 : 400);
    response.end(problem);
  });
});
server.listen(0, '127.0.0.1', () => console.log(server.address().port));
