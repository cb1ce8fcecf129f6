// The database of cases, and its containers: those of shared/adapters/cosmos/containers.py.

param name string
param location string
param tags object
param workspaceId string
param databaseName string

// Only listed properties are indexed: to index a whole bundle would cost more than to write it.
// tests/infra/test_containers.py holds this list against the application's.
var containers = [
  {
    name: 'cases'
    partitionKey: '/caseId'
    indexed: [
      'type'
      'mark'
      'stage'
      'memberId'
      'providerNpi'
      'services'
      'decidedAt'
      'endsOn'
      'nextMomentAt'
      'queue'
      'status'
      'claimedBy'
      'unopenedSince'
      'undeliveredSince'
      'unresolvedSince'
    ]
  }
  {
    name: 'deadletters'
    partitionKey: '/id'
    indexed: [
      'receivedAt'
    ]
  }
  {
    name: 'registers'
    partitionKey: '/kind'
    indexed: []
  }
  {
    name: 'letters'
    partitionKey: '/caseId'
    indexed: [
      'mark'
    ]
  }
  {
    name: 'models'
    partitionKey: '/name'
    indexed: [
      'type'
      'mark'
    ]
  }
]

resource account 'Microsoft.DocumentDB/databaseAccounts@2025-04-15' = {
  name: name
  location: location
  tags: tags
  kind: 'GlobalDocumentDB'
  properties: {
    databaseAccountOfferType: 'Standard'
    capabilities: [
      {
        name: 'EnableServerless'
      }
    ]
    locations: [
      {
        locationName: location
        failoverPriority: 0
        isZoneRedundant: false
      }
    ]
    // A step may run on another worker than the door that wrote its inbox row, and must see the row.
    consistencyPolicy: {
      defaultConsistencyLevel: 'Strong'
    }
    backupPolicy: {
      type: 'Continuous'
      continuousModeProperties: {
        tier: 'Continuous30Days'
      }
    }
    disableLocalAuth: true
    disableKeyBasedMetadataWriteAccess: true
    minimalTlsVersion: 'Tls12'
    publicNetworkAccess: 'Enabled'
  }
}

resource database 'Microsoft.DocumentDB/databaseAccounts/sqlDatabases@2025-04-15' = {
  parent: account
  name: databaseName
  properties: {
    resource: {
      id: databaseName
    }
  }
}

resource container 'Microsoft.DocumentDB/databaseAccounts/sqlDatabases/containers@2025-04-15' = [for plan in containers: {
  parent: database
  name: plan.name
  properties: {
    resource: {
      id: plan.name
      partitionKey: {
        kind: 'Hash'
        version: 2
        paths: [
          plan.partitionKey
        ]
      }
      indexingPolicy: {
        indexingMode: 'consistent'
        automatic: true
        includedPaths: map(plan.indexed, property => {
          path: '/${property}/?'
        })
        excludedPaths: [
          {
            path: '/*'
          }
        ]
      }
    }
  }
}]

// Who called which operation. Query texts are left out: a parameter could be a member's id.
resource diagnostics 'Microsoft.Insights/diagnosticSettings@2021-05-01-preview' = {
  name: 'to-log-analytics'
  scope: account
  properties: {
    workspaceId: workspaceId
    logAnalyticsDestinationType: 'Dedicated'
    logs: [
      {
        category: 'DataPlaneRequests'
        enabled: true
      }
      {
        category: 'ControlPlaneRequests'
        enabled: true
      }
    ]
    metrics: [
      {
        category: 'Requests'
        enabled: true
      }
    ]
  }
}

output name string = account.name
output endpoint string = account.properties.documentEndpoint
