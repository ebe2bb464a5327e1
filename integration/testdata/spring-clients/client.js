// Prints what the npm clients of Spring Cloud Config Server have of an application: node client.js ENDPOINT.
const fs = require('fs');
const os = require('os');
const path = require('path');
const client = require('cloud-config-client');
const springCloudConfig = require('spring-cloud-config');

async function main(endpoint) {
  const name = 'spring-config-app';
  const config = await client.load({ endpoint, name, profiles: ['cloud'] });
  const directory = fs.mkdtempSync(path.join(os.tmpdir(), 'client'));
  fs.writeFileSync(path.join(directory, 'application.yml'), `spring.cloud.config.name: ${name}\n`);
  fs.writeFileSync(path.join(directory, 'bootstrap.yml'), `spring.cloud.config: {enabled: true, endpoint: "${endpoint}"}\n`);
  const merged = await springCloudConfig.load({ configPath: directory, activeProfiles: ['cloud'] });
  console.log(JSON.stringify({ properties: config.properties, object: config.toObject(), password: config.get('shop.password'), merged: merged.shop }));
}

main(process.argv[2]).catch((error) => {
  console.error(error);
  process.exit(1);
});
