// Everything that Careloom needs in Azure, in one resource group. docs/deploying.md tells how to
// deploy it, and what was never tried.

targetScope = 'resourceGroup'

@description('Short name that every resource is named after: lower-case letters and digits.')
@minLength(3)
@maxLength(10)
param name string

@description('Region of every resource.')
param location string = resourceGroup().location

@description('Client id of the app registration that people and systems sign in to.')
param signInClientId string

@description('Client ids of the systems that may call the API, besides people at the console.')
param callerClientIds array = []

@description('Where the task hub lies. It must equal storageProvider.type of host.json.')
@allowed([
  'AzureStorage'
  'azureManaged'
])
param taskHubProvider string = 'AzureStorage'

@description('Addresses that may call the Durable Task Scheduler, in CIDR; an identity is asked for besides.')
param schedulerIpAllowlist array = [
  '0.0.0.0/0'
]

@description('Name of the task hub.')
param taskHubName string = 'careloom'

@description('Name of the database.')
param databaseName string = 'careloom'

@description('Hub on which requests arrive.')
param inboundHubName string = 'prior-authorization-requests'

@description('Hub on which outcomes are published.')
param outboundHubName string = 'prior-authorization-outcomes'

@description('When the sweep runs, in NCRONTAB of six fields.')
param sweepSchedule string = '0 */5 * * * *'

@description('Instances that are kept warm; 0 scales to nothing when idle, and starts cold.')
@minValue(0)
param readyInstances int = 0

@description('Settings of docs/settings.md that have no value here, such as SMTP_HOST, by name.')
@secure()
param furtherSettings object = {}

var unique = '${name}${uniqueString(resourceGroup().id)}'
var packageContainerName = 'packages'
var usesScheduler = taskHubProvider == 'azureManaged'
var tags = {
  application: 'careloom'
}

module identity 'modules/identity.bicep' = {
  name: 'identity'
  params: {
    name: 'id-${unique}'
    location: location
    tags: tags
  }
}

module monitoring 'modules/monitoring.bicep' = {
  name: 'monitoring'
  params: {
    workspaceName: 'log-${unique}'
    insightsName: 'appi-${unique}'
    location: location
    tags: tags
  }
}

module storage 'modules/storage.bicep' = {
  name: 'storage'
  params: {
    name: take('st${unique}', 24)
    location: location
    tags: tags
    workspaceId: monitoring.outputs.workspaceId
    packageContainerName: packageContainerName
  }
}

module cosmos 'modules/cosmos.bicep' = {
  name: 'cosmos'
  params: {
    name: 'cosmos-${unique}'
    location: location
    tags: tags
    workspaceId: monitoring.outputs.workspaceId
    databaseName: databaseName
  }
}

module eventHubs 'modules/eventhubs.bicep' = {
  name: 'eventhubs'
  params: {
    name: 'evhns-${unique}'
    location: location
    tags: tags
    workspaceId: monitoring.outputs.workspaceId
    inboundHubName: inboundHubName
    outboundHubName: outboundHubName
  }
}

module scheduler 'modules/scheduler.bicep' = if (usesScheduler) {
  name: 'scheduler'
  params: {
    name: 'dts-${unique}'
    location: location
    tags: tags
    taskHubName: taskHubName
    ipAllowlist: schedulerIpAllowlist
  }
}

module roles 'modules/roles.bicep' = {
  name: 'roles'
  params: {
    principalId: identity.outputs.principalId
    storageAccountName: storage.outputs.name
    cosmosAccountName: cosmos.outputs.name
    eventHubsNamespaceName: eventHubs.outputs.name
    insightsName: monitoring.outputs.insightsName
    schedulerName: usesScheduler ? scheduler!.outputs.name : ''
  }
}

var clientId = identity.outputs.clientId

// docs/settings.md tells of each; tests/infra/test_settings.py holds them against the application.
var settings = {
  AzureWebJobsStorage__blobServiceUri: storage.outputs.blobEndpoint
  AzureWebJobsStorage__queueServiceUri: storage.outputs.queueEndpoint
  AzureWebJobsStorage__tableServiceUri: storage.outputs.tableEndpoint
  AzureWebJobsStorage__credential: 'managedidentity'
  AzureWebJobsStorage__clientId: clientId
  COSMOS_CONNECTION__accountEndpoint: cosmos.outputs.endpoint
  COSMOS_CONNECTION__credential: 'managedidentity'
  COSMOS_CONNECTION__clientId: clientId
  COSMOS_DATABASE: databaseName
  EventHubConnection__fullyQualifiedNamespace: eventHubs.outputs.host
  EventHubConnection__credential: 'managedidentity'
  EventHubConnection__clientId: clientId
  INBOUND_HUB_NAME: inboundHubName
  OUTBOUND_HUB_NAME: outboundHubName
  TASKHUB_NAME: taskHubName
  SWEEP_SCHEDULE: sweepSchedule
  APPLICATIONINSIGHTS_CONNECTION_STRING: monitoring.outputs.connectionString
  APPLICATIONINSIGHTS_AUTHENTICATION_STRING: 'ClientId=${clientId};Authorization=AAD'
  OVERRIDE_USE_MI_FIC_ASSERTION_CLIENTID: clientId
}

var schedulerSettings = usesScheduler ? {
  DURABLE_TASK_SCHEDULER_CONNECTION_STRING: 'Endpoint=${scheduler!.outputs.endpoint};Authentication=ManagedIdentity;ClientID=${clientId}'
} : {}

module functionApp 'modules/functionapp.bicep' = {
  name: 'functionapp'
  params: {
    name: 'func-${unique}'
    planName: 'plan-${unique}'
    location: location
    tags: tags
    workspaceId: monitoring.outputs.workspaceId
    identityId: identity.outputs.id
    packageContainerUrl: '${storage.outputs.blobEndpoint}${packageContainerName}'
    settings: union(furtherSettings, settings, schedulerSettings)
    signInClientId: signInClientId
    callerClientIds: callerClientIds
    readyInstances: readyInstances
  }
  dependsOn: [
    roles
  ]
}

output functionAppName string = functionApp.outputs.name
output functionAppHost string = functionApp.outputs.host
output identityPrincipalId string = identity.outputs.principalId
