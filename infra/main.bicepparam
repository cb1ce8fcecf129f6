using './main.bicep'

// Example values: copy this file, and put your own in.
param name = 'careloom'
param location = 'eastus2'

// The app registration of docs/deploying.md, and the systems that may call the API.
param signInClientId = '00000000-0000-0000-0000-000000000000'
param callerClientIds = []

param taskHubProvider = 'AzureStorage'

// One warm instance answers $submit in time; 0 costs nothing when idle, and starts cold.
param readyInstances = 1

// A secret belongs in Key Vault: '@Microsoft.KeyVault(SecretUri=...)' is resolved by the app's identity.
param furtherSettings = {
  ANSWER_WITHIN_SECONDS: '10'
}
