// Package upload takes the bytes of an image from a client and hands them on to CDI as they come: the server never holds
// more of them than a buffer.
//
// A volume is made before it is filled, so the server looks at the first bytes, writes down what they say (an Attempt, an
// annotation of the image), waits until backend/image/fill has made the volume, and sends the rest. Every few seconds it
// writes how far it has come. An attempt that failed, or of which nothing has been heard for a while, is cleared away by
// backend/image/fill, and the image waits for another one. Begin reading with Receive.
package upload
