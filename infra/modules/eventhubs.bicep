// The hubs: requests arrive on one, outcomes leave on the other.

param name string
param location string
param tags object
param workspaceId string
param inboundHubName string
param outboundHubName string

resource namespace 'Microsoft.EventHub/namespaces@2024-01-01' = {
  name: name
  location: location
  tags: tags
  sku: {
    name: 'Standard'
    tier: 'Standard'
    capacity: 1
  }
  properties: {
    disableLocalAuth: true
    minimumTlsVersion: '1.2'
    isAutoInflateEnabled: true
    maximumThroughputUnits: 4
    publicNetworkAccess: 'Enabled'
  }
}

// The number of partitions cannot be changed later; it is also the most instances that can read.
resource hubs 'Microsoft.EventHub/namespaces/eventhubs@2024-01-01' = [for hub in [inboundHubName, outboundHubName]: {
  parent: namespace
  name: hub
  properties: {
    partitionCount: 4
    retentionDescription: {
      cleanupPolicy: 'Delete'
      retentionTimeInHours: 168
    }
  }
}]

resource diagnostics 'Microsoft.Insights/diagnosticSettings@2021-05-01-preview' = {
  name: 'to-log-analytics'
  scope: namespace
  properties: {
    workspaceId: workspaceId
    logs: [
      {
        category: 'OperationalLogs'
        enabled: true
      }
    ]
    metrics: [
      {
        category: 'AllMetrics'
        enabled: true
      }
    ]
  }
}

output name string = namespace.name
output host string = '${namespace.name}.servicebus.windows.net'
